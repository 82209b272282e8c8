import { MAX_ROW_BYTES } from './row-splitter.ts'
import type { SourceRow } from './source-row.ts'

/** Of a text that is no JSON, this much is kept for the dead letter. */
const KEPT_BYTES = 65_536

const LF = 10
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const OPEN = 123
const CLOSE = 125

export type JsonSplitter = {
  /** Takes the next bytes and gives the texts that are complete with them. */
  push(chunk: Buffer): SourceRow[]
  /** Gives what is left at the end of the object. */
  end(): SourceRow[]
}

/**
 * Finds where JSON objects end that follow each other in a file: one a line, or joined as they are, as Firehose does with
 * records that have no line end. What cannot be an object is a row with a fault, up to its line end: no JSON string
 * holds a line end, and no object of ours begins a line inside of another one.
 */
export function createJsonSplitter(file: string): JsonSplitter {
  let buffer: Buffer = Buffer.alloc(0)
  /** Place in the file of the first byte of the buffer. */
  let offset = 0
  let line = 1
  /** Where the text that is read begins in the buffer, up to where it was looked at, and in what state that left it. */
  let start = 0
  let at = 0
  let depth = 0
  let inString = false
  let isFaulty = false

  function cut(end: number, fault?: string): SourceRow {
    const bytes = buffer.subarray(start, end)
    const row: SourceRow = {
      file,
      offset: offset + start,
      line,
      nextOffset: offset + end,
      nextLine: line + countLines(bytes),
      bytes: fault === undefined ? bytes : bytes.subarray(0, KEPT_BYTES),
      quoted: false,
      ...(fault === undefined ? {} : { fault }),
    }
    line = row.nextLine
    start = end
    depth = 0
    inString = false
    isFaulty = false
    return row
  }

  /** What the byte makes of the text: it ends behind it, or before it, or goes on. */
  function look(byte: number): 'complete' | 'broken' | undefined {
    if (isFaulty) return byte === LF ? 'broken' : undefined
    if (inString) {
      if (byte === QUOTE) inString = false
      else if (byte === BACKSLASH) at++
      else if (byte === LF) return 'broken'
    } else if (byte === QUOTE) inString = true
    else if (byte === OPEN) {
      if (depth > 0 && buffer[at - 1] === LF) return 'broken'
      depth++
    } else if (byte === CLOSE && --depth === 0) return 'complete'
    return undefined
  }

  function split(atEnd: boolean): SourceRow[] {
    const rows: SourceRow[] = []
    for (; at < buffer.length; at++) {
      const byte = buffer[at] ?? 0
      if (at === start && byte <= SPACE) {
        if (byte === LF) line++
        start++
        continue
      }
      if (at === start && byte !== OPEN) isFaulty = true
      const found = look(byte)
      if (found === 'complete') rows.push(cut(at + 1))
      else if (found === 'broken') {
        rows.push(cut(at, 'is not a JSON object'))
        // What stopped it may begin the next one.
        at--
      } else if (at - start >= MAX_ROW_BYTES) {
        rows.push(cut(at + 1, `is longer than ${MAX_ROW_BYTES} bytes`))
      }
    }
    if (atEnd && start < buffer.length) rows.push(cut(buffer.length, 'is cut off, or not a JSON object'))
    buffer = buffer.subarray(start)
    offset += start
    at -= start
    start = 0
    return rows
  }

  return {
    push(chunk) {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
      return split(false)
    },
    end: () => split(true),
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines++
  return lines
}
