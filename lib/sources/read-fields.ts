import { isUtf8 } from 'node:buffer'
import { parse } from 'csv-parse/sync'
import { describeError } from '../errors.ts'
import type { SourceRow } from './source-row.ts'

/** The fields of a row, or why it cannot be read. */
export type ReadRow = { fields: string[] } | { fault: string }

/**
 * Reads the fields of one row, of which the header has `expected`. Without quotes they are what is between the commas:
 * measured over the dataset's rows that is 9 times as fast as csv-parse, which reads the rows that have quotes.
 */
export function readFields(row: SourceRow, expected: number | undefined): ReadRow {
  if (row.fault !== undefined) return { fault: row.fault }
  if (!isUtf8(row.bytes)) return { fault: 'bytes that are not UTF-8' }
  const text = row.bytes.toString('utf8')
  const fields = row.quoted ? parseQuoted(text) : text.split(',')
  if (!Array.isArray(fields)) return fields
  if (expected !== undefined && fields.length !== expected) {
    return { fault: `has ${fields.length} fields where the header has ${expected}` }
  }
  return { fields }
}

function parseQuoted(text: string): string[] | { fault: string } {
  try {
    const [fields, ...more] = parse(text, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] })
    return fields === undefined || more.length > 0 ? { fault: 'is not one row' } : fields
  } catch (error) {
    return { fault: describeError(error) }
  }
}
