import { readFileSync } from 'node:fs'
import { encodeRawEvent, type RawEvent } from '../../../lib/events/raw-event.ts'
import type { Feed } from '../../../lib/feeds/feed.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { readCsvHeader } from '../../../lib/sources/csv-header.ts'
import { createRowSplitter } from '../../../lib/sources/row-splitter.ts'
import { encodeRow } from '../../../workers/producer/encode-row.ts'

const ROW_INTERVAL_MS = 100
/** From the put to the arrival on stream 1. */
const PUT_MS = 20
const LATENESS = { share: 0.02, maxSeconds: 120, seed: 7 }

/** The rows of a CSV as the producer puts them for a feed, from `startAt` on (epoch ms). Throws on a row that it refuses. */
export function rawRecords(
  file: string,
  { feed: name, startAt }: { feed: string; startAt: number },
): KinesisRecord[] {
  const source = { kind: 'csv', bucket: 'local', key: file, etag: 'none' }
  const feed = { name, source, lateness: LATENESS } as Feed
  const csv = readFileSync(file)
  const { columns, end } = readCsvHeader(csv, file)
  const splitter = createRowSplitter({ offset: end, line: 2, fields: columns.length })
  const rows = [...splitter.push(csv.subarray(end)), ...splitter.end()]
  return rows.map((row, index) => {
    const seq = index + 1
    const now = startAt + seq * ROW_INTERVAL_MS
    const encoded = encodeRow(row, { feed, columns, fits: () => true }, { seq, now })
    if (!('record' in encoded)) throw new Error(`row ${seq} of ${file} cannot be sent`)
    return {
      data: encoded.record.data,
      partitionKey: encoded.record.partitionKey,
      arrivedAt: now + PUT_MS,
      sequenceNumber: `${name}-${seq}`,
    }
  })
}

const PUT_AGAIN_AFTER_MS = 5_000

/** The same rows once more, as a producer puts them that has died before it could note that they were put. */
export function putAgain(records: readonly KinesisRecord[]): KinesisRecord[] {
  return records.map((record) => {
    const event = JSON.parse(Buffer.from(record.data).toString()) as RawEvent
    const data = encodeRawEvent({ ...event, emitted_at: event.emitted_at + PUT_AGAIN_AFTER_MS })
    return {
      ...record,
      data,
      arrivedAt: record.arrivedAt + PUT_AGAIN_AFTER_MS,
      sequenceNumber: `${record.sequenceNumber}-again`,
    }
  })
}
