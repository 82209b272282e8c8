import type { EventHandler } from '../event-handler.ts'

/** That a surge has started in an area, or that it is over. */
export const handleSurges: EventHandler<'surge'> = (context, feed, events) =>
  context.insights.applySurges(feed, events)
