import { type DestinationStream, type Logger, pino } from 'pino'
import { limitRepeats } from './limit-repeats.ts'
import { serializeError } from './serialize-error.ts'

export type Log = Logger

/** JSON lines on standard output: a constant lower-case phrase and fields, never a payload above debug. */
export function createLog(
  options: { name: string; level: string; workerId: string },
  destination: DestinationStream = pino.destination(1),
): Log {
  return pino(
    {
      level: options.level,
      base: { service: options.name, workerId: options.workerId },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: serializeError },
      hooks: { logMethod: limitRepeats() },
    },
    destination,
  )
}
