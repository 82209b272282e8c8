import { isUtf8 } from 'node:buffer'
import type { RawEvent } from '../../lib/events/raw-event.ts'
import { type Feed, kindOf } from '../../lib/feeds/feed.ts'
import type { SourceRow } from '../../lib/sources/source-row.ts'
import {
  type EncodedRow,
  encodeEvent,
  FILTERED,
  FIRST_ATTEMPT,
  letterOf,
  type RowPlace,
} from './encode-row.ts'
import { SeenRows } from './seen-rows.ts'

/**
 * Reads rows of the raw layer as events, and finds those that were read before: it holds a record as often as it was
 * delivered, and what has the same feed, seq and attempt is sent once.
 */
export async function* readStoredEvents(blocks: AsyncGenerator<SourceRow[]>): AsyncGenerator<SourceRow[]> {
  const seen = new SeenRows()
  for await (const rows of blocks) {
    for (const row of rows) {
      const read = readEvent(row)
      if ('fault' in read) {
        row.fault = read.fault
        continue
      }
      const { event } = read
      row.stored = { event, isRepeated: !seen.add(event.feed, event.seq, event.attempt) }
      row.at = event.event_time
    }
    yield rows
  }
}

/** What all events of a run have in common. */
export type StoredEventEncoding = {
  feed: Feed
  /** Whether rows of replays are taken too. */
  takesReplays: boolean
  fits: (event: RawEvent) => boolean
}

/** Encodes an event of the raw layer: it keeps its id and content and gets its own feed, seq and times. */
export function encodeStoredEvent(
  row: SourceRow,
  { feed, takesReplays, fits }: StoredEventEncoding,
  { seq, now }: RowPlace,
): EncodedRow {
  const { stored, fault = 'is no event' } = row
  if (stored === undefined) {
    const of = { feed: feed.name, seq, attempt: FIRST_ATTEMPT, file: undefined }
    return { letter: letterOf(row, 'row', fault, of) }
  }
  const { event, isRepeated } = stored
  if (isRepeated || !(takesReplays || kindOf(event.feed) === 'live') || !fits(event)) return FILTERED
  const own = { feed: feed.name, seq, attempt: FIRST_ATTEMPT, event_time: now, emitted_at: now }
  return encodeEvent(row, { ...event, ...own }, row.file)
}

/** A raw event from its JSON, or why it is none. Whether its values make sense is Flink's to say. */
function readEvent(row: SourceRow): { event: RawEvent } | { fault: string } {
  const read = readJsonObject(row)
  if ('fault' in read) return read
  const event: Partial<RawEvent> = read.object
  const { feed, seq, attempt } = event
  const lacks = [
    ...(typeof feed === 'string' && feed !== '' ? [] : ['feed']),
    ...(isCount(seq) ? [] : ['seq']),
    ...(isCount(attempt) ? [] : ['attempt']),
  ]
  if (lacks.length > 0) return { fault: `is not a raw event: it has no usable ${lacks.join(', ')}` }
  return { event: event as RawEvent }
}

export function readJsonObject(row: SourceRow): { object: object } | { fault: string } {
  if (row.fault !== undefined) return { fault: row.fault }
  if (!isUtf8(row.bytes)) return { fault: 'bytes that are not UTF-8' }
  try {
    const object: unknown = JSON.parse(row.bytes.toString('utf8'))
    return typeof object === 'object' && object !== null ? { object } : { fault: 'is not a JSON object' }
  } catch {
    return { fault: 'is not JSON' }
  }
}

/** Of greater ones no receipt is kept either. */
const GREATEST_SEQ = 2 ** 28

const isCount = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) < GREATEST_SEQ
