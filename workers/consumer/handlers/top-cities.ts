import type { EventHandler } from '../event-handler.ts'

/** Ranks of cities and counties in a closed window: the newest window is the one that is shown. */
export const handleTopCities: EventHandler<'top_cities'> = (context, feed, events) =>
  context.insights.applyTopCities(feed, events)
