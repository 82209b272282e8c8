const LF = 10
const CR = 13
const QUOTE = 34
const COMMA = 44

export type QuotedRowScan =
  /** The row ends before `end`; the next one begins at `next`. */
  | { end: number; next: number }
  /** Its quotes do not add up: only its first line can be taken for a row. */
  | { fault: string }
  /** The bytes so far do not show where it ends. */
  | 'incomplete'

/**
 * Finds the end of a row that has quotes. Judges in the order of the bytes and looks at no more than `maxBytes` of
 * them, so that the answer is the same however much of the source is in the buffer.
 */
export function scanQuotedRow(
  buffer: Buffer,
  options: { start: number; atEnd: boolean; fields: number; maxBytes: number },
): QuotedRowScan {
  const { start, fields } = options
  // One byte more than a row and its line end may have: whoever gets there is too long.
  const tooFar = start + options.maxBytes + 3
  const bytes = buffer.length > tooFar ? buffer.subarray(0, tooFar) : buffer
  const atEnd = options.atEnd && bytes.length === buffer.length
  let spansLines = false
  let count = 1
  let at = start

  for (;;) {
    if (bytes[at] === QUOTE) {
      const field = scanQuotedField(bytes, at, fields)
      if (field === 'incomplete') return atEnd ? { fault: UNCLOSED } : unfinished()
      if ('fault' in field) return field
      spansLines ||= field.spansLines
      at = field.close + 1
      if (at === bytes.length) return atEnd ? ended(at, at) : unfinished()
      if (bytes[at] === CR) {
        if (at + 1 === bytes.length) return atEnd ? ended(at, at + 1) : unfinished()
        if (bytes[at + 1] === LF) at++
      }
      if (bytes[at] === LF) return ended(at, at + 1)
      if (bytes[at] !== COMMA)
        return { fault: 'a closing quote is followed by neither a comma nor a line end' }
    } else {
      while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF && bytes[at] !== QUOTE) at++
      if (at === bytes.length) return atEnd ? ended(at, at) : unfinished()
      if (bytes[at] === LF) return ended(at, at + 1)
      if (bytes[at] === QUOTE) return { fault: 'a quote stands inside a field that is not quoted' }
    }
    at++
    count++
    if (at === bytes.length) return atEnd ? ended(at, at) : unfinished()
  }

  function unfinished(): QuotedRowScan {
    return bytes.length === tooFar
      ? { fault: `the row is longer than ${options.maxBytes} bytes` }
      : 'incomplete'
  }

  function ended(end: number, next: number): QuotedRowScan {
    if (spansLines && count !== fields) {
      return { fault: `a quote is opened, and the row up to where it is closed has ${count} fields` }
    }
    return { end, next }
  }
}

const UNCLOSED = 'a quote is opened and never closed'

type QuotedFieldScan = { close: number; spansLines: boolean } | { fault: string } | 'incomplete'

/**
 * Finds the quote that closes the field; two quotes in a row are one that belongs to the text. Whether a quote at the
 * end of the bytes is closing is for the caller, who then waits for more.
 */
function scanQuotedField(bytes: Buffer, open: number, fields: number): QuotedFieldScan {
  let from = open + 1
  let lineStart = -1
  let lineEnd = indexOrEnd(bytes, LF, from)
  for (;;) {
    const quote = indexOrEnd(bytes, QUOTE, from)
    while (lineEnd < quote) {
      if (lineStart !== -1 && countFields(bytes, lineStart, lineEnd) === fields) {
        return { fault: `${UNCLOSED}: a line after it is a whole row` }
      }
      lineStart = lineEnd + 1
      lineEnd = indexOrEnd(bytes, LF, lineStart)
    }
    if (quote === bytes.length) return 'incomplete'
    if (bytes[quote + 1] !== QUOTE) return { close: quote, spansLines: lineStart !== -1 }
    from = quote + 2
  }
}

function indexOrEnd(bytes: Buffer, value: number, from: number): number {
  const index = bytes.indexOf(value, from)
  return index === -1 ? bytes.length : index
}

function countFields(bytes: Buffer, start: number, end: number): number {
  let count = 1
  for (let at = start; at < end; at++) if (bytes[at] === COMMA) count++
  return count
}
