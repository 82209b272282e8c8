import { readFileSync } from 'node:fs'
import type { Feed } from '../../lib/feeds/feed.ts'
import { readCsvHeader } from '../../lib/sources/csv-header.ts'
import { createRowSplitter } from '../../lib/sources/row-splitter.ts'
import { encodeRow } from '../../workers/producer/encode-row.ts'

/**
 * Prints what the producer would put for a CSV, for tests of the Flink job: a line a record, `event time, partition key,
 * JSON` with tabs between, one row every 100 ms from START on. Fails on a row that the producer refuses.
 */
const START = 1_800_000_000_000
const ROW_INTERVAL_MS = 100

const [file = ''] = process.argv.slice(2)
const feed = { name: 'live-1', source: { kind: 'csv', bucket: 'local', key: file, etag: 'none' } } as Feed
const csv = readFileSync(file)
const { columns, end } = readCsvHeader(csv, file)
const splitter = createRowSplitter({ offset: end, line: 2, fields: columns.length })
let seq = 0
for (const row of [...splitter.push(csv.subarray(end)), ...splitter.end()]) {
  seq++
  const now = START + seq * ROW_INTERVAL_MS
  const encoded = encodeRow(row, { feed, columns, fits: () => true }, { seq, now })
  if (!('record' in encoded)) throw new Error(`row ${seq} of ${file} cannot be sent`)
  const { partitionKey, data } = encoded.record
  process.stdout.write(`${now}\t${partitionKey}\t${Buffer.from(data).toString()}`)
}
