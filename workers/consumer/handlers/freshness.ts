import type { EnvelopeOf } from '../../../lib/events/envelope.ts'
import type { HandlerContext } from '../event-handler.ts'

/** From the put of the row to now, when the insight can be read. */
export function observeFreshness(
  { metrics, clock }: HandlerContext,
  events: readonly EnvelopeOf<'accident' | 'accident_late'>[],
): void {
  const freshness = metrics.histogram('freshness_seconds')
  const now = clock.now()
  for (const { payload } of events) freshness.observe(Math.max(0, now - payload.row_emitted_at) / 1_000)
}
