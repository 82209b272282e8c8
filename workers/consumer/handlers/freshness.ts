import type { EnvelopeOf } from '../../../lib/events/envelope.ts'
import { feedKindOf } from '../../../lib/process/metrics/feed-kind.ts'
import type { HandlerContext } from '../event-handler.ts'

/** From the put of the row to now, when the insight can be read; and how much of that it took to and through Flink. */
export function observeFreshness(
  { metrics, clock }: HandlerContext,
  feed: string,
  events: readonly EnvelopeOf<'accident' | 'accident_late'>[],
): void {
  const feed_kind = feedKindOf(feed)
  const whole = metrics.histogram('freshness_seconds').labels({ feed_kind })
  const toFlink = metrics.histogram('hop_duration_seconds').labels({ feed_kind, hop: 'flink' })
  const toConsumer = metrics.histogram('hop_duration_seconds').labels({ feed_kind, hop: 'consumer' })
  const now = clock.now()
  for (const { payload, emitted_at } of events) {
    whole.observe(secondsBetween(payload.row_emitted_at, now))
    toFlink.observe(secondsBetween(payload.row_emitted_at, emitted_at))
    toConsumer.observe(secondsBetween(emitted_at, now))
  }
}

/** Clocks of two machines differ: nothing takes less than no time. */
function secondsBetween(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000
}
