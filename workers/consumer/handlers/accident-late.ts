import type { EventHandler } from '../event-handler.ts'
import { observeFreshness } from './freshness.ts'

/** An accident that came too late for its windows: counted as late, and listed. */
export const handleLateAccidents: EventHandler<'accident_late'> = async (context, feed, events) => {
  await context.insights.applyAccidents(feed, 'accident_late', events)
  observeFreshness(context, feed, events)
}
