import type { DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import type { Column } from '../../lib/events/columns.ts'
import { encodeRawEvent, partitionKeyOf, type RawEvent, toRawEvent } from '../../lib/events/raw-event.ts'
import type { Feed } from '../../lib/feeds/feed.ts'
import { MAX_RECORD_BYTES } from '../../lib/kinesis/put-batcher.ts'
import { type PutRecord, sizeOf } from '../../lib/kinesis/put-segment.ts'
import { latenessMs } from './lateness.ts'
import { readFields } from './read-fields.ts'
import type { SplitRow } from './row-splitter.ts'

/** A row becomes a record of stream 1, or a dead letter, or nothing: the feed's filter leaves it out. */
export type EncodedRow = { record: PutRecord } | { letter: DeadLetter } | typeof FILTERED

const FILTERED = { filtered: true } as const

/** What all rows of a run have in common. */
export type RowEncoding = {
  feed: Feed
  columns: readonly (Column | null)[]
  /** Whether the feed takes the accident. */
  fits: (event: RawEvent) => boolean
}

/** A row of the source is put once; a dead letter that is fed in again has a higher attempt. */
const FIRST_ATTEMPT = 1

/** Encodes row `seq` of a feed, released at `now` (epoch ms). */
export function encodeRow(
  row: SplitRow,
  { feed, columns, fits }: RowEncoding,
  { seq, now }: { seq: number; now: number },
): EncodedRow {
  const read = readFields(row, columns.length)
  if ('fault' in read) return { letter: letterOf(row, { origin: 'row', reason: read.fault, feed, seq }) }

  const late = feed.lateness === undefined ? 0 : latenessMs(feed.lateness, seq)
  const origin = { feed: feed.name, seq, attempt: FIRST_ATTEMPT, eventTime: now - late }
  const event = toRawEvent(read.fields, columns, origin)
  if (!fits(event)) return FILTERED
  event.emitted_at = now
  const record = { partitionKey: partitionKeyOf(event), data: encodeRawEvent(event) }
  const size = sizeOf(record)
  if (size <= MAX_RECORD_BYTES) return { record }
  const reason = `would be a record of ${size} bytes, and Kinesis takes ${MAX_RECORD_BYTES}`
  return { letter: letterOf(row, { origin: 'oversize', reason, feed, seq }) }
}

function letterOf(
  row: SplitRow,
  why: { origin: 'row' | 'oversize'; reason: string; feed: Feed; seq: number },
): DeadLetter {
  const { bucket, key } = why.feed.source
  return {
    origin: why.origin,
    reason: why.reason,
    feed: why.feed.name,
    seq: why.seq,
    attempt: FIRST_ATTEMPT,
    file: `s3://${bucket}/${key}`,
    line: row.line,
    offset: row.offset,
    bytes: row.bytes,
  }
}
