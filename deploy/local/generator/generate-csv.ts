import { COLUMNS } from '../../../lib/events/columns.ts'
import type { GeneratorOptions } from './plant.ts'
import { INVALID_BYTES_MARK, writeRow } from './write-row.ts'

const CHUNK_CHARACTERS = 262_144
const INVALID_BYTES = Buffer.from([0xff, 0xfe])
const MARK = Buffer.from(INVALID_BYTES_MARK)

/**
 * A CSV like the dataset's release of March 2023: its columns, its skew by state, its forms of time, its empty fields
 * and wrong zones, its repeats under new ids; and what a stream has to bear: damaged and oversize rows, and a labelled
 * surge every three minutes. No row of the dataset is in it. The same options give the same bytes; `plantedIn` says
 * what is planted where.
 */
export async function* generateCsv(options: GeneratorOptions): AsyncGenerator<Buffer> {
  let text = `${COLUMNS.map((column) => column.header).join(',')}\n`
  for (let seq = 1; seq <= options.rows; seq++) {
    text += writeRow(options, seq)
    if (text.length < CHUNK_CHARACTERS) continue
    yield encode(text)
    text = ''
  }
  if (text !== '') yield encode(text)
}

/** UTF-8, but for the bytes that are not meant to be. */
function encode(text: string): Buffer {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  let from = 0
  for (let mark = bytes.indexOf(MARK); mark !== -1; mark = bytes.indexOf(MARK, from)) {
    parts.push(bytes.subarray(from, mark), INVALID_BYTES)
    from = mark + MARK.length
  }
  return from === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(from)])
}
