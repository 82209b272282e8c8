import { scanQuotedRow } from './scan-quoted-row.ts'
import type { SourceRow } from './source-row.ts'

/** A longer row is refused unseen: it could not be a record (1 MiB at most), and memory is bounded. */
export const MAX_ROW_BYTES = 4 * 1_048_576
/** Of a row that is too long, this much is kept for the dead letter. */
const KEPT_OF_LONG_ROW_BYTES = 65_536

const LF = 10
const CR = 13
const QUOTE = 34

export type RowSplitter = {
  /** Takes the next bytes and gives the rows that are complete with them. */
  push(chunk: Buffer): SourceRow[]
  /** Gives what is left at the end of the source. */
  end(): SourceRow[]
}

/**
 * Finds where rows end, by RFC 4180: line ends inside quoted fields belong to the row. What a parser alone cannot do
 * is recover: after a quote that is never closed it reads on to the next quote, however far away. Here such a row is
 * only its first line, and the next line begins a row again. A quote counts as never closed when
 *   - what follows the closing quote is neither a comma nor a line end,
 *   - a line inside the quotes has exactly the fields of a whole row, or the row over several lines has not,
 *   - the row grows beyond 4 MiB, or the source ends.
 * The rows do not depend on how the bytes are cut into chunks. Empty lines are no rows.
 */
export function createRowSplitter(options: { offset: number; line: number; fields: number }): RowSplitter {
  let { offset, line } = options
  let buffer: Buffer = Buffer.alloc(0)
  /** Bytes already dropped of a line that is longer than any row may be. */
  let dropped: { offset: number; bytes: Buffer } | undefined

  /** Cuts off the row that ends at `end` in the buffer; the next one begins at `next`. */
  function cut(start: number, end: number, next: number, quoted: boolean, fault?: string): SourceRow {
    const bytes = buffer.subarray(start, buffer[end - 1] === CR && end > start ? end - 1 : end)
    const row: SourceRow = {
      offset: offset + start,
      line,
      nextOffset: offset + next,
      nextLine: line + (quoted && fault === undefined ? countLines(buffer, start, next) : 1),
      bytes,
      quoted,
    }
    if (bytes.length > MAX_ROW_BYTES) {
      row.bytes = bytes.subarray(0, KEPT_OF_LONG_ROW_BYTES)
      row.fault = `the row is longer than ${MAX_ROW_BYTES} bytes`
    } else if (fault !== undefined) row.fault = fault
    line = row.nextLine
    return row
  }

  function split(atEnd: boolean): SourceRow[] {
    const rows: SourceRow[] = []
    let start = 0
    let quote = nextQuote(buffer, 0)
    while (start < buffer.length) {
      const lineFeed = buffer.indexOf(LF, start)
      const lineEnd = lineFeed === -1 ? buffer.length : lineFeed
      if (quote < start) quote = nextQuote(buffer, start)
      if (quote < lineEnd) {
        const scan = scanQuotedRow(buffer, { start, atEnd, fields: options.fields, maxBytes: MAX_ROW_BYTES })
        if (scan === 'incomplete') break
        if ('fault' in scan) {
          if (lineFeed === -1 && !atEnd) break
          const next = Math.min(lineEnd + 1, buffer.length)
          rows.push(cut(start, lineEnd, next, true, scan.fault))
          start = next
        } else {
          rows.push(cut(start, scan.end, scan.next, true))
          start = scan.next
        }
        continue
      }
      if (lineFeed === -1 && !atEnd) break
      const next = Math.min(lineEnd + 1, buffer.length)
      if (isEmptyLine(buffer, start, lineEnd)) line++
      else rows.push(cut(start, lineEnd, next, false))
      start = next
    }
    buffer = buffer.subarray(start)
    offset += start
    return rows
  }

  /** Goes on to the end of a line that is too long to be kept. */
  function skipLongLine(atEnd: boolean): SourceRow[] {
    if (dropped === undefined) return []
    const lineFeed = buffer.indexOf(LF)
    if (lineFeed === -1 && !atEnd) {
      offset += buffer.length
      buffer = buffer.subarray(buffer.length)
      return []
    }
    const next = lineFeed === -1 ? buffer.length : lineFeed + 1
    offset += next
    buffer = buffer.subarray(next)
    const row: SourceRow = {
      offset: dropped.offset,
      line,
      nextOffset: offset,
      nextLine: line + 1,
      bytes: dropped.bytes,
      quoted: false,
      fault: `the row is longer than ${MAX_ROW_BYTES} bytes`,
    }
    line++
    dropped = undefined
    return [row]
  }

  return {
    push(chunk) {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
      const rows = [...skipLongLine(false)]
      if (dropped === undefined) rows.push(...split(false))
      if (buffer.length > MAX_ROW_BYTES + 2 && buffer.indexOf(LF) === -1) {
        dropped = { offset, bytes: Buffer.from(buffer.subarray(0, KEPT_OF_LONG_ROW_BYTES)) }
        offset += buffer.length
        buffer = buffer.subarray(buffer.length)
      }
      return rows
    },
    end: () => [...skipLongLine(true), ...split(true)],
  }
}

/** Where the next quote is; behind everything when there is none, so that it is not looked for again. */
function nextQuote(buffer: Buffer, from: number): number {
  const quote = buffer.indexOf(QUOTE, from)
  return quote === -1 ? Number.POSITIVE_INFINITY : quote
}

function isEmptyLine(buffer: Buffer, start: number, end: number): boolean {
  return end === start || (end === start + 1 && buffer[start] === CR)
}

/** Line ends in the range, and one for a last line that has none. */
function countLines(buffer: Buffer, start: number, end: number): number {
  let lines = buffer[end - 1] === LF ? 0 : 1
  for (let at = buffer.indexOf(LF, start); at !== -1 && at < end; at = buffer.indexOf(LF, at + 1)) lines++
  return lines
}
