import type { EventHandler } from '../event-handler.ts'

/** Ranks of cells in a closed window: the newest window is the one that is shown. */
export const handleHotspots: EventHandler<'hotspot'> = (context, feed, events) =>
  context.insights.applyHotspots(feed, events)
