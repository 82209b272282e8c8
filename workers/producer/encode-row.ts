import type { DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import type { Column } from '../../lib/events/columns.ts'
import { encodeRawEvent, partitionKeyOf, type RawEvent, toRawEvent } from '../../lib/events/raw-event.ts'
import { type Feed, nameOfSource } from '../../lib/feeds/feed.ts'
import { MAX_RECORD_BYTES } from '../../lib/kinesis/put-batcher.ts'
import { type PutRecord, sizeOf } from '../../lib/kinesis/put-segment.ts'
import { readFields } from '../../lib/sources/read-fields.ts'
import type { SourceRow } from '../../lib/sources/source-row.ts'
import { latenessMs } from './lateness.ts'

/** A row becomes a record of stream 1, or a dead letter, or nothing: the feed's filter leaves it out. */
export type EncodedRow =
  | (({ record: PutRecord } | { letter: DeadLetter }) & {
      /** Of a dead letter that is fed in again: the feed that it belongs to. */
      recovers?: string
    })
  | typeof FILTERED

export const FILTERED = { filtered: true } as const

/** What all rows of a run have in common. */
export type RowEncoding = {
  feed: Feed
  columns: readonly (Column | null)[]
  /** Whether the feed takes the accident. */
  fits: (event: RawEvent) => boolean
}

/** A row of the source is put once; a dead letter that is fed in again has a higher attempt. */
export const FIRST_ATTEMPT = 1

/** Its number in the source, and the moment of its release, epoch ms. */
export type RowPlace = { seq: number; now: number }

/** Encodes a row of a CSV. */
export function encodeRow(
  row: SourceRow,
  { feed, columns, fits }: RowEncoding,
  { seq, now }: RowPlace,
): EncodedRow {
  const read = readFields(row, columns.length)
  const file = nameOfSource(feed.source)
  if ('fault' in read) {
    const of = { feed: feed.name, seq, attempt: FIRST_ATTEMPT, file }
    return { letter: letterOf(row, 'row', read.fault, of) }
  }
  const late = feed.lateness === undefined ? 0 : latenessMs(feed.lateness, seq)
  const origin = { feed: feed.name, seq, attempt: FIRST_ATTEMPT, eventTime: now - late }
  const event = toRawEvent(read.fields, columns, origin)
  if (!fits(event)) return FILTERED
  event.emitted_at = now
  return encodeEvent(row, event, file)
}

/** The record of an event, or the dead letter of one that is too large to be a record. */
export function encodeEvent(
  row: SourceRow,
  event: RawEvent,
  file: string | undefined,
): Exclude<EncodedRow, typeof FILTERED> {
  const record = { partitionKey: partitionKeyOf(event), data: encodeRawEvent(event) }
  const size = sizeOf(record)
  if (size <= MAX_RECORD_BYTES) return { record }
  const reason = `would be a record of ${size} bytes, and Kinesis takes ${MAX_RECORD_BYTES}`
  const { feed, seq, attempt } = event
  return { letter: letterOf(row, 'oversize', reason, { feed, seq, attempt, file }) }
}

/** A row put aside. `file` is where it is from, unless the row itself says so. */
export function letterOf(
  row: SourceRow,
  origin: 'row' | 'oversize',
  reason: string,
  of: { feed: string; seq: number; attempt: number; file: string | undefined },
): DeadLetter {
  const { feed, seq, attempt } = of
  const file = row.file ?? of.file
  return {
    origin,
    reason,
    feed,
    seq,
    attempt,
    ...(file === undefined ? {} : { file }),
    line: row.line,
    offset: row.offset,
    bytes: row.bytes,
  }
}
