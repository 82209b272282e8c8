import type { EventHandler } from '../event-handler.ts'
import { observeFreshness } from './freshness.ts'

/** An accident on time: counted by minute, state and severity until Flink's window replaces that, and listed. */
export const handleAccidents: EventHandler<'accident'> = async (context, feed, events) => {
  await context.insights.applyAccidents(feed, 'accident', events)
  observeFreshness(context, feed, events)
}
