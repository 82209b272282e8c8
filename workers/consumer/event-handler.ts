import type { Clock } from '../../lib/clock.ts'
import type { DeadLetterStore } from '../../lib/dead-letters/dead-letter-store.ts'
import type { EnvelopeOf, EventType } from '../../lib/events/envelope.ts'
import type { InsightStore } from '../../lib/insights/insight-store.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'

/** What handlers work with. */
export type HandlerContext = {
  insights: InsightStore
  deadLetters: DeadLetterStore
  clock: Clock
  metrics: Metrics
  log: Log
}

/**
 * Applies the events of one type and one feed that came in one batch, in their order. Idempotent: a batch comes again
 * when any part of it has failed.
 */
export type EventHandler<T extends EventType> = (
  context: HandlerContext,
  feed: string,
  events: readonly EnvelopeOf<T>[],
) => Promise<void>
