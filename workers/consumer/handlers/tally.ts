import type { EventHandler } from '../event-handler.ts'

/** Flink's own counts of a feed, the middle of the conservation laws. */
export const handleTallies: EventHandler<'tally'> = (context, feed, events) =>
  context.insights.applyTallies(feed, events)
