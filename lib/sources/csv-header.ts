import { isUtf8 } from 'node:buffer'
import { RoadpulseError } from '../errors.ts'
import { COLUMNS, type Column, EARLIER_COLUMNS, NEEDED_HEADERS } from '../events/columns.ts'
import { readFields } from './read-fields.ts'

/** The header's line must end within this many bytes. */
export const MAX_HEADER_BYTES = 65_536

/** What people take for a CSV, by its first bytes, and what they can do. */
const OTHER_FORMATS: readonly [start: Buffer, what: string][] = [
  [Buffer.from('PK\x03\x04'), 'a ZIP archive or an Excel workbook: unpack it, or save it as CSV'],
  [Buffer.from('PAR1'), 'a Parquet file: convert it to CSV'],
  [Buffer.from('BZh'), 'compressed by bzip2: unpack it, or compress it by gzip'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'compressed by Zstandard: unpack it, or compress it by gzip'],
  [Buffer.from('<'), 'HTML or XML, such as the page of a failed download'],
  [Buffer.from('{'), 'JSON'],
  [Buffer.from('['), 'JSON'],
  [Buffer.from('version https://git-lfs'), 'a pointer of Git LFS: fetch the file itself'],
]

const KNOWN: ReadonlyMap<string, Column> = new Map(
  [...COLUMNS, ...EARLIER_COLUMNS].map((column) => [column.header, column]),
)

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const LF = 10

export type CsvHeader = {
  /** What each field of a row is; null for a column that the contract does not know. */
  columns: (Column | null)[]
  /** Names of the columns that are left out. */
  ignored: string[]
  /** Byte at which the first row begins. */
  end: number
}

/**
 * Reads the header at the start of a CSV: UTF-8 with or without byte order mark, columns in any order. Throws
 * `SOURCE_UNREADABLE` for what is no text, and `SOURCE_COLUMNS_MISSING` with the full list.
 */
export function readCsvHeader(head: Buffer, name: string): CsvHeader {
  if (head.length === 0) throw unreadable(name, 'it is empty')
  const start = head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
  const other = OTHER_FORMATS.find(([magic]) => head.subarray(start, start + magic.length).equals(magic))
  if (other !== undefined) throw unreadable(name, `it is ${other[1]}`)
  const lineFeed = head.indexOf(LF, start)
  if (lineFeed > MAX_HEADER_BYTES || (lineFeed === -1 && head.length > MAX_HEADER_BYTES)) {
    throw unreadable(name, `its first line is longer than ${MAX_HEADER_BYTES} bytes`)
  }
  const end = lineFeed === -1 ? head.length : lineFeed + 1
  const line = head.subarray(start, lineFeed === -1 ? head.length : lineFeed)
  if (!isUtf8(line) || line.includes(0)) throw unreadable(name, 'it is not a text in UTF-8')

  const headers = splitHeader(line, name)
  const missing = NEEDED_HEADERS.filter((needed) => !headers.includes(needed))
  if (missing.length > 0) {
    throw new RoadpulseError(
      'SOURCE_COLUMNS_MISSING',
      `${name} lacks the columns ${missing.join(', ')}; its header has ${shorten(headers.join(', '))}`,
    )
  }
  const columns = headers.map(columnOf)
  return { columns, ignored: headers.filter((header) => columnOf(header) === null), end }
}

/** The column of a header; null for one that the contract does not know. */
export const columnOf = (header: string): Column | null => KNOWN.get(header) ?? null

function splitHeader(line: Buffer, name: string): string[] {
  const text = line.toString('utf8').replace(/\r$/, '')
  const bytes = Buffer.from(text)
  const position = { offset: 0, line: 1, nextOffset: bytes.length, nextLine: 2 }
  const read = readFields({ ...position, bytes, quoted: text.includes('"') }, undefined)
  if ('fault' in read) throw unreadable(name, `its header cannot be read: ${read.fault}`)
  return read.fields.map((field) => field.trim())
}

function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}

function unreadable(name: string, why: string): RoadpulseError {
  return new RoadpulseError('SOURCE_UNREADABLE', `${name} cannot be read as CSV: ${why}`)
}
