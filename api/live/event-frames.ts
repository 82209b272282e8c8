import type { AccidentRing } from './accident-ring.ts'
import type { Snapshot } from './snapshot-reader.ts'

/** The position in a feed of which nothing has been received yet. */
const BEFORE_ALL = '0-0'

/** What a client has seen of the accidents: the value of its `Last-Event-ID`. */
export type AccidentPosition = { feed: string; streamId: string }

/** The event stream's text for what is the same for everybody: fleet, pipeline, replays, incidents and insights. */
export function renderState(snapshot: Snapshot): string {
  const { fleet, pipeline, replays, incidents, live } = snapshot
  const operations = `${frame('fleet', fleet)}${frame('pipeline', pipeline)}${frame('incidents', incidents)}`
  const states = `${operations}${frame('replays', { items: replays })}`
  if (live === undefined) return states
  const { accidents: _, ...insights } = live
  return `${states}${frame('insights', insights)}`
}

/**
 * The accidents after a client's position, or all that are held when it has none that can be continued (`reset`: the
 * page begins anew). Undefined when nothing is new. The id is what the browser sends back when it reconnects.
 */
export function renderAccidents(
  ring: AccidentRing,
  position: AccidentPosition | undefined,
): { text: string; position: AccidentPosition } | undefined {
  const following = position?.feed === ring.feed ? ring.countAfter(position.streamId) : undefined
  if (following === 0) return undefined
  const next = { feed: ring.feed, streamId: ring.newestId ?? BEFORE_ALL }
  const batch = { feed: ring.feed, reset: following === undefined, ...ring.newest(following ?? ring.size) }
  return { text: frame('accidents', batch, `${next.feed}/${next.streamId}`), position: next }
}

export function parsePosition(lastEventId: string | undefined): AccidentPosition | undefined {
  const match = /^(?<feed>[\w-]{1,80})\/(?<streamId>\d{1,15}-\d{1,15})$/.exec(lastEventId ?? '')
  const { feed, streamId } = match?.groups ?? {}
  return feed === undefined || streamId === undefined ? undefined : { feed, streamId }
}

/** JSON has no line breaks of its own, so one `data` line holds it. */
function frame(event: string, data: unknown, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
