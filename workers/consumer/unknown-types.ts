import type { Clock } from '../../lib/clock.ts'
import type { Log } from '../../lib/process/log.ts'

const LOG_INTERVAL_MS = 60_000
/** Names come from the stream: they must not fill the memory. */
const MAX_TYPES = 20

/** Events of types that this version does not know: skipped, counted, and said once a minute. */
export type UnknownTypes = { note(type: string): void }

export function createUnknownTypes({ log, clock }: { log: Log; clock: Clock }): UnknownTypes {
  const counts = new Map<string, number>()
  let loggedAt = Number.NEGATIVE_INFINITY
  return {
    note(type) {
      const known = counts.get(type)
      if (known !== undefined || counts.size < MAX_TYPES) counts.set(type, (known ?? 0) + 1)
      if (clock.monotonic() - loggedAt < LOG_INTERVAL_MS) return
      loggedAt = clock.monotonic()
      log.warn({ types: Object.fromEntries(counts) }, 'events of unknown types skipped')
      counts.clear()
    },
  }
}
