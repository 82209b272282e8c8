import type { Column } from '../../lib/events/columns.ts'
import { type RawEvent, toRawEvent } from '../../lib/events/raw-event.ts'
import { columnOf } from '../../lib/sources/csv-header.ts'
import type { OpenLetters, RecoveredLetter } from '../../lib/sources/letters-source.ts'
import { readFields } from '../../lib/sources/read-fields.ts'
import type { SourceRow } from '../../lib/sources/source-row.ts'
import { type EncodedRow, encodeEvent, letterOf, type RowPlace } from './encode-row.ts'
import { readJsonObject } from './encode-stored-event.ts'

const OPENING_BRACE = 123

/** The columns of the CSVs that letters are of, by file. */
export function columnsOf({ headers }: OpenLetters): Map<string, (Column | null)[]> {
  return new Map(
    Object.entries(headers).map(([file, names]) => [
      file,
      names.map((name) => (name === null ? null : columnOf(name))),
    ]),
  )
}

/**
 * Encodes a dead letter that is fed in again: a row of a CSV, or a raw event as JSON, under the feed and seq that it had,
 * with the next attempt. What cannot be read this time either is a dead letter again.
 */
export function encodeLetter(
  row: SourceRow,
  columns: ReadonlyMap<string, (Column | null)[]>,
  { now }: RowPlace,
): EncodedRow {
  const { letter } = row
  if (letter?.feed === undefined || letter.seq === undefined) throw new Error('a letter of no feed was taken')
  const { feed, seq, attempt = 1 } = letter
  const origin = { feed, seq, attempt: attempt + 1, eventTime: now }
  const read = readEvent(row, letter, columns, origin)
  const encoded =
    'fault' in read
      ? { letter: letterOf(row, 'row', read.fault, { ...origin, file: row.file }) }
      : encodeEvent(row, read.event, row.file)
  return { ...encoded, recovers: feed }
}

function readEvent(
  row: SourceRow,
  { file, bytes }: RecoveredLetter,
  columns: ReadonlyMap<string, (Column | null)[]>,
  origin: Parameters<typeof toRawEvent>[2],
): { event: RawEvent } | { fault: string } {
  if (bytes[0] === OPENING_BRACE) {
    const read = readJsonObject(row)
    if ('fault' in read) return read
    const { feed, seq, attempt, eventTime } = origin
    const own = { feed, seq, attempt, event_time: eventTime, emitted_at: eventTime }
    return { event: { features: [], ...read.object, ...own } }
  }
  const header = file === undefined ? undefined : columns.get(file)
  if (header === undefined) return { fault: 'is not JSON, and of no file whose header is known' }
  const read = readFields(row, header.length)
  return 'fault' in read ? read : { event: toRawEvent(read.fields, header, origin) }
}

/** A record of stream 2 that the consumer could not handle goes there again as it is, or as it was fixed. */
export function encodeProcessed(row: SourceRow): EncodedRow {
  return { record: { partitionKey: `${row.line}-${row.nextOffset}`, data: row.bytes } }
}
