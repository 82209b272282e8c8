import type { SourceRow } from './source-row.ts'

/** A row of a sorted copy, one line of JSON each: what it was in its source, and when the accident began. */
export type SortedRow = {
  /** Start of the accident, epoch ms UTC; absent where it cannot be read, and then it comes before all others. */
  at?: number
  line: number
  offset: number
  /** The row, or its bytes where they are no row. */
  text?: string
  base64?: string
  fault?: string
}

export function encodeSortedRow(row: SourceRow, at: number | undefined): Buffer {
  const { line, offset, bytes, fault } = row
  const isText = fault === undefined && at !== undefined
  const sorted: SortedRow = {
    ...(at === undefined ? {} : { at }),
    line,
    offset,
    ...(isText ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') }),
    ...(fault === undefined ? {} : { fault }),
  }
  return Buffer.from(`${JSON.stringify(sorted)}\n`)
}

/** The row as it was read from its source. `next` is where the one after it begins in the sorted copy. */
export function decodeSortedRow(json: Buffer, next: number): SourceRow {
  const { at, line, offset, text, base64, fault } = JSON.parse(json.toString('utf8')) as SortedRow
  const bytes = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)
  return {
    offset,
    line,
    nextOffset: next,
    nextLine: 0,
    bytes,
    quoted: bytes.includes('"'),
    ...(fault === undefined ? {} : { fault }),
    ...(at === undefined ? {} : { at }),
  }
}
