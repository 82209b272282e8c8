import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { S3Client } from '@aws-sdk/client-s3'
import { RoadpulseError } from '../../lib/errors.ts'
import type { Column } from '../../lib/events/columns.ts'
import type { CsvSource } from '../../lib/feeds/feed.ts'
import type { Position } from '../../lib/feeds/feed-store.ts'
import { MAX_HEADER_BYTES, readCsvHeader } from './csv-header.ts'
import { createRowSplitter, type SplitRow } from './row-splitter.ts'
import { headObject, readObject } from './s3-object.ts'

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

export type OpenCsvOptions = {
  s3: S3Client
  source: CsvSource
  position: Position
  signal: AbortSignal
  onRetry?: (error: unknown) => void
}

export type OpenCsv = {
  columns: (Column | null)[]
  ignored: string[]
  /** The rows from the position on, unread as yet: block by block, as they come from S3. */
  blocks: AsyncGenerator<SplitRow[]>
}

/**
 * Opens a CSV in S3, plain or gzipped (told by its first bytes, not by its name), at a position. A plain one is read
 * from there; a gzipped one can only be read from the start, and what is before the position is skipped.
 */
export async function openCsv(options: OpenCsvOptions): Promise<OpenCsv> {
  const { s3, source, position } = options
  const name = `s3://${source.bucket}/${source.key}`
  const { etag, bytes } = await headObject(s3, source)
  if (etag !== source.etag) throw new RoadpulseError('SOURCE_CHANGED', `${name} has been replaced`)

  const read = (offset: number) => readObject({ ...options, object: source, offset, bytes })
  const raw = read(0)
  const magic = await takeHead(raw, GZIP_MAGIC.length)
  const zipped = magic.head.subarray(0, 2).equals(GZIP_MAGIC)
  const text = zipped ? gunzip(magic.all, name) : magic.all
  const { head, all } = await takeHead(text, MAX_HEADER_BYTES + 1)
  const header = readCsvHeader(head, name)

  const start = position.offset === 0 ? { offset: header.end, line: 2 } : position
  const resumed = !zipped && start.offset > head.length
  if (resumed) await all.return(undefined)
  return {
    columns: header.columns,
    ignored: header.ignored,
    blocks: splitRows(resumed ? read(start.offset) : skip(all, start.offset), {
      ...start,
      fields: header.columns.length,
    }),
  }
}

async function* splitRows(
  chunks: AsyncGenerator<Buffer>,
  start: { offset: number; line: number; fields: number },
): AsyncGenerator<SplitRow[]> {
  const splitter = createRowSplitter(start)
  for await (const chunk of chunks) {
    const rows = splitter.push(chunk)
    if (rows.length > 0) yield rows
  }
  const last = splitter.end()
  if (last.length > 0) yield last
}

/** The first bytes, at least so many if there are so many, and all chunks with them. */
async function takeHead(
  chunks: AsyncGenerator<Buffer>,
  atLeast: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const taken: Buffer[] = []
  let length = 0
  while (length < atLeast) {
    const { value, done } = await chunks.next()
    if (done === true) break
    taken.push(value)
    length += value.length
  }
  const head = taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken)
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head
      yield* chunks
    } finally {
      await chunks.return(undefined)
    }
  }
  return { head, all: all() }
}

async function* skip(chunks: AsyncGenerator<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

async function* gunzip(chunks: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const source = Readable.from(chunks)
  const unzip = createGunzip({ chunkSize: 262_144 })
  // `pipe` does not carry errors over: without this, a source that fails would leave the reader waiting.
  source.once('error', (error) => unzip.destroy(error))
  try {
    for await (const chunk of source.pipe(unzip)) yield chunk as Buffer
  } catch (error) {
    if (!isZlibError(error)) throw error
    throw new RoadpulseError('SOURCE_UNREADABLE', `${name} is damaged: it cannot be unzipped`, error)
  } finally {
    source.destroy()
  }
}

/** Errors of zlib have codes such as Z_DATA_ERROR and Z_BUF_ERROR (the end is missing). */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
