import type { Logger, LoggerOptions } from 'pino'

const INTERVAL_MS = 10_000
const WARN = 40
const FATAL = 60
/** What makes two lines with the same phrase different ones. A request's id does not: a storm has one each. */
const IDENTITY = ['shard', 'feed', 'range', 'incident', 'event', 'dedupId', 'address', 'caller'] as const
/** Some fields come from the network: beyond so many different lines at a time nothing is held back. */
const MAX_LINES = 1_000

type LogMethod = NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']>
type Fields = Readonly<Record<string, unknown>>

/**
 * Lets a warning or an error through once in ten seconds: the same phrase, of the same error code, about the same shard,
 * feed or caller. What was held back is told at the end of these ten seconds, by the last such line with their number as
 * `suppressed`. So an outage is a line now and then, and none of it is hidden.
 */
export function limitRepeats(
  later: (task: () => void, ms: number) => void = (task, ms) => void setTimeout(task, ms).unref(),
): LogMethod {
  const repeats = new Map<string, { suppressed: number; writeLast: () => void }>()

  function begin(key: string): void {
    repeats.set(key, { suppressed: 0, writeLast() {} })
    later(() => end(key), INTERVAL_MS)
  }

  function end(key: string): void {
    const repeat = repeats.get(key)
    repeats.delete(key)
    if (repeat === undefined || repeat.suppressed === 0) return
    begin(key)
    repeat.writeLast()
  }

  return function logMethod(args, method, level) {
    const write = (given: typeof args) => method.apply(this, given)
    if (level < WARN || level >= FATAL) return write(args)
    const [fields, phrase] = splitLine(args)
    const key = keyOf(this, fields, phrase)
    const repeat = repeats.get(key)
    if (repeat === undefined) {
      if (repeats.size < MAX_LINES) begin(key)
      return write(args)
    }
    repeat.suppressed++
    repeat.writeLast = () => write([{ ...fields, suppressed: repeat.suppressed }, phrase])
  }
}

function splitLine(args: readonly unknown[]): [Fields, string] {
  const [first, second] = args
  return typeof first === 'object' && first !== null
    ? [first as Fields, typeof second === 'string' ? second : '']
    : [{}, String(first)]
}

function keyOf(logger: Logger, fields: Fields, phrase: string): string {
  const all = { ...logger.bindings(), ...fields }
  return [phrase, codeOf(all['error']), ...IDENTITY.map((name) => String(all[name] ?? ''))].join('\u0000')
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
