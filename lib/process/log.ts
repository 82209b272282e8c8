import { type Logger, pino } from 'pino'

export type Log = Logger

/** JSON lines on standard output: a constant lower-case phrase and fields, never a payload above debug. */
export function createLog(options: { name: string; level: string; workerId: string }): Log {
  return pino({
    level: options.level,
    base: { service: options.name, workerId: options.workerId },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
  })
}
