import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generateCsv } from '../deploy/local/generator/generate-csv.ts'
import type { Column } from '../lib/events/columns.ts'
import { readCsvHeader } from '../lib/sources/csv-header.ts'
import { readFields } from '../lib/sources/read-fields.ts'
import { createRowSplitter } from '../lib/sources/row-splitter.ts'

const SAMPLE = fileURLToPath(new URL('../../shared/data/us-accidents-march23-sample.csv', import.meta.url))
const GENERATED = { seed: 3, rows: 20_000, rate: 1_000 }
const MAX_ROW_BYTES = 10_000
const LF = 10

export type SourceRows = { columns: (Column | null)[]; rows: string[][] }

/** Rows of the dataset where they are at hand, else of the generator, which has their shape. */
export async function readSourceRows(): Promise<SourceRows> {
  const csv = await readSourceCsv()
  const { columns, end } = readCsvHeader(csv, 'the rows of the bench')
  const splitter = createRowSplitter({ offset: end, line: 2, fields: columns.length })
  const rows = [...splitter.push(csv.subarray(end)), ...splitter.end()]
    .map((row) => readFields(row, columns.length))
    .flatMap((read) => ('fields' in read ? [read.fields] : []))
  return { columns, rows }
}

/** The same as a file, whose rows are a line each that can be read: what is measured against ours knows no others. */
export async function readSourceCsv(): Promise<Buffer> {
  const isReal = existsSync(SAMPLE)
  console.log(isReal ? `real rows: ${SAMPLE}` : 'generated rows: the real ones are not on this machine')
  return isReal ? readFileSync(SAMPLE) : generated()
}

/** Without what the generator plants for the producer to refuse, and without rows over several lines. */
async function generated(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of generateCsv(GENERATED)) chunks.push(chunk)
  const csv = Buffer.concat(chunks)
  const { columns, end } = readCsvHeader(csv, 'the generated rows')
  const splitter = createRowSplitter({ offset: end, line: 2, fields: columns.length })
  const rows = [...splitter.push(csv.subarray(end)), ...splitter.end()]
  const clean = rows
    .filter(({ bytes }) => bytes.length < MAX_ROW_BYTES && !bytes.includes(LF))
    .filter((row) => 'fields' in readFields(row, columns.length))
  return Buffer.concat([csv.subarray(0, end), ...clean.flatMap(({ bytes }) => [bytes, Buffer.of(LF)])])
}
