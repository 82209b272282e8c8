import { type Static, type TProperties, Type } from 'typebox'
import { COLUMNS, type Column, EARLIER_COLUMNS } from './columns.ts'

/** A value of a number column as the source has it: a number, or its text where it does not read as one. */
const SourceNumber = Type.Union([Type.Number(), Type.String()])

const columnProperties: TProperties = Object.fromEntries(
  [...COLUMNS, ...EARLIER_COLUMNS]
    .filter((column) => column.kind !== 'flag' && column.field !== 'id')
    .map((column) => [column.field, Type.Optional(column.kind === 'number' ? SourceNumber : Type.String())]),
)

/** One accident as the producer puts it on stream 1: the CSV's values untouched, and where the row came from. */
export const RawEvent = Type.Object(
  {
    feed: Type.String({ description: 'live-<n> or replay-<id>' }),
    seq: Type.Integer({
      minimum: 1,
      description: 'row number in the source; the first row after the header is 1',
    }),
    attempt: Type.Integer({ minimum: 1, description: '1; higher for a dead letter that is fed in again' }),
    event_time: Type.Integer({ description: "epoch ms on the replay's clock" }),
    emitted_at: Type.Integer({ description: 'epoch ms of the put' }),
    id: Type.Optional(Type.String()),
    features: Type.Array(Type.String(), { description: 'the road features whose flag is true' }),
    ...columnProperties,
  },
  { $id: 'raw-event', title: 'Raw event (stream 1)' },
)
export type RawEvent = Static<typeof RawEvent> & { [field: string]: string | number | string[] | undefined }

const PLAIN_DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/
const START_SECOND = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/

/** What the producer knows of a row besides its values. */
export type RowOrigin = { feed: string; seq: number; attempt: number; eventTime: number }

/**
 * Turns one row into a raw event. `columns[i]` says what `row[i]` is; `null` leaves it out (a column that the
 * contract does not know). `emitted_at` starts as the event time and is set again when the record is put.
 */
export function toRawEvent(
  row: readonly string[],
  columns: readonly (Column | null)[],
  origin: RowOrigin,
): RawEvent {
  const event: RawEvent = {
    feed: origin.feed,
    seq: origin.seq,
    attempt: origin.attempt,
    event_time: origin.eventTime,
    emitted_at: origin.eventTime,
    features: [],
  }
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]
    const text = row[i]
    if (column == null || text === undefined || text === '') continue
    if (column.kind === 'flag') {
      if (text === 'True' || text === 'TRUE' || text === 'true') event.features.push(column.field)
    } else if (column.kind === 'number' && PLAIN_DECIMAL.test(text)) {
      event[column.field] = Number(text)
    } else {
      event[column.field] = text
    }
  }
  return event
}

/**
 * The partition key of stream 1: `start second|lat to 4 decimals|lon to 4 decimals`. The dataset repeats accidents
 * under new ids with the same second and place; this key puts all copies on one shard, whose order decides which is
 * the first, in every run. Where time or place cannot be read: the id, else the seq.
 */
export function partitionKeyOf(event: RawEvent): string {
  const { start_time: start, start_lat: lat, start_lng: lng } = event
  const second = typeof start === 'string' ? START_SECOND.exec(start) : null
  if (second !== null && typeof lat === 'number' && typeof lng === 'number') {
    return `${second[1]}T${second[2]}|${lat.toFixed(4)}|${lng.toFixed(4)}`
  }
  const fallback = typeof event.id === 'string' ? event.id : String(event.seq)
  return fallback.slice(0, MAX_PARTITION_KEY_CHARACTERS)
}

/** Kinesis takes partition keys of up to 256 characters. */
const MAX_PARTITION_KEY_CHARACTERS = 256

/** The bytes of a record of stream 1: JSON and a newline, because Firehose joins records as they are. */
export function encodeRawEvent(event: RawEvent): Buffer {
  return Buffer.from(`${JSON.stringify(event)}\n`)
}
