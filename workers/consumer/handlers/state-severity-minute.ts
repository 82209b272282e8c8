import type { EventHandler } from '../event-handler.ts'

/** A closed window: the final number of accidents of a minute by state and severity. */
export const handleMinutes: EventHandler<'state_severity_minute'> = (context, feed, events) =>
  context.insights.applyMinutes(feed, events)
