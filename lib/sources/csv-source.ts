import type { S3Client } from '@aws-sdk/client-s3'
import { RoadpulseError } from '../errors.ts'
import type { Column } from '../events/columns.ts'
import type { Position } from '../feeds/range-store.ts'
import { MAX_HEADER_BYTES, readCsvHeader } from './csv-header.ts'
import { openText, takeHead } from './object-text.ts'
import { createRowSplitter } from './row-splitter.ts'
import { headObject, readObject, type S3Object } from './s3-object.ts'
import type { SourceRow } from './source-row.ts'

export type OpenCsvOptions = {
  s3: S3Client
  source: S3Object
  /** What is read are the rows from `position` on. They belong to a range that begins at byte `start`. */
  position: Position
  start?: number
  /** Byte, at the end of a row, at which reading ends. Only for a plain file. */
  end?: number
  signal: AbortSignal
  onRetry?: (error: unknown) => void
}

export type OpenCsv = {
  columns: (Column | null)[]
  ignored: string[]
  /** The rows from the position on, unread as yet: block by block, as they come from S3. */
  blocks: AsyncGenerator<SourceRow[]>
  /** Bytes of the object that were read for the rows of the range before `offset`. */
  bytesRead: (offset: number) => number
  /** Not gzipped: it can be read from any byte on. */
  isPlain: boolean
}

/** Bytes that a CSV is read from. */
export type ByteSource = {
  /** For people. */
  name: string
  /** From byte `offset` to the end that is wanted. */
  read(offset: number): AsyncGenerator<Buffer>
}

/** Opens a CSV in S3 at a position. Throws `SOURCE_CHANGED` when its content is not the one that was pinned. */
export async function openCsv(options: OpenCsvOptions): Promise<OpenCsv> {
  const { s3, source, position, start = 0, end } = options
  const name = `s3://${source.bucket}/${source.key}`
  const { etag, bytes } = await headObject(s3, source)
  if (etag !== source.etag) throw new RoadpulseError('SOURCE_CHANGED', `${name} has been replaced`)
  const read = (offset: number) => readObject({ ...options, object: source, offset, bytes: end ?? bytes })
  return readCsv({ name, read }, position, start)
}

/**
 * Reads a CSV, plain or gzipped (told by its first bytes, not by its name), from a position on. A plain one is read from
 * there; a gzipped one can only be read from the start, and what is before the position is skipped.
 */
export async function readCsv(from: ByteSource, position: Position, rangeStart = 0): Promise<OpenCsv> {
  let readSoFar = 0
  async function* read(offset: number) {
    for await (const piece of from.read(offset)) {
      readSoFar = offset += piece.length
      yield piece
    }
  }
  const text = await openText(read(0), from.name)
  const { isPlain } = text
  const { head, all } = await takeHead(text.chunks, MAX_HEADER_BYTES + 1)
  const header = readCsvHeader(head, from.name)

  const start = position.offset === 0 ? { offset: header.end, line: 2 } : position
  const resumed = isPlain && start.offset > head.length
  if (resumed) await all.return(undefined)
  return {
    columns: header.columns,
    ignored: header.ignored,
    isPlain,
    bytesRead: (offset) => (isPlain ? offset - rangeStart : readSoFar),
    blocks: splitRows(resumed ? read(start.offset) : skip(all, start.offset), {
      ...start,
      fields: header.columns.length,
    }),
  }
}

async function* splitRows(
  chunks: AsyncGenerator<Buffer>,
  start: { offset: number; line: number; fields: number },
): AsyncGenerator<SourceRow[]> {
  const splitter = createRowSplitter(start)
  for await (const chunk of chunks) {
    const rows = splitter.push(chunk)
    if (rows.length > 0) yield rows
  }
  const last = splitter.end()
  if (last.length > 0) yield last
}

async function* skip(chunks: AsyncGenerator<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}
