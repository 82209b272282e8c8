import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { hasCode, RoadpulseError } from '../errors.ts'
import { toRawEvent } from '../events/raw-event.ts'
import { utcStart } from '../rules/utc-start.ts'
import { columnOf } from './csv-header.ts'
import { type OpenCsv, openCsv } from './csv-source.ts'
import { createExternalSort } from './external-sort.ts'
import { createJsonSplitter } from './json-splitter.ts'
import { takeHead } from './object-text.ts'
import { readFields } from './read-fields.ts'
import { headObject, readObject, type S3Object } from './s3-object.ts'
import { copyOf } from './sorted-place.ts'
import { decodeSortedRow, encodeSortedRow } from './sorted-row.ts'
import type { SourceRow } from './source-row.ts'

const PART_BYTES = 8 * 1_048_576
const PARALLEL_PARTS = 2
/** Of the first line, which holds the columns. */
const MAX_META_BYTES = 262_144
const LF = 10
const LINE_END = 1
const SORT_SHARE = 0.5
/** What rows need to be sorted by is independent of where they go. */
const NO_ORIGIN = { feed: '', seq: 1, attempt: 1, eventTime: 0 }

type Meta = { headers: (string | null)[]; ignored: string[]; bytes: number }

export type SortOptions = {
  s3: S3Client
  /** Where sorted copies are kept, under `sorted/`. */
  sourceBucket: string
  source: S3Object & { bytes: number }
  signal: AbortSignal
  /** How far it has come, 0 to 1. */
  onProgress: (share: number) => void
  onRetry?: (error: unknown) => void
  /** Sorted in memory at once. */
  runBytes?: number
}

/**
 * A copy of a CSV by the start of its accidents, UTC: made once for each content and kept in S3. Memory is bounded; what
 * does not fit is kept in files meanwhile.
 */
export async function ensureSortedCopy(options: SortOptions): Promise<void> {
  const copy = copyOf(options)
  try {
    await headObject(options.s3, copy)
    return
  } catch (error) {
    if (!hasCode(error, 'SOURCE_MISSING')) throw error
  }
  const folder = await mkdtemp(join(tmpdir(), 'roadpulse-sort-'))
  try {
    await sortInto(copy, options, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function sortInto(
  copy: { bucket: string; key: string },
  options: SortOptions,
  folder: string,
): Promise<void> {
  const { s3, source, signal, onProgress } = options
  const sort = createExternalSort(folder, options.runBytes)
  const csv = await openCsv({ ...options, position: { offset: 0, line: 0, seq: 0 } })
  for await (const rows of csv.blocks) {
    for (const row of rows) {
      const at = startOf(row, csv.columns)
      const full = sort.add({ key: at ?? Number.MIN_SAFE_INTEGER, line: encodeSortedRow(row, at) })
      if (full !== undefined) await full
    }
    signal.throwIfAborted()
    onProgress((SORT_SHARE * csv.bytesRead(rows.at(-1)?.nextOffset ?? 0)) / Math.max(source.bytes, 1))
  }

  const upload = new Upload({
    client: s3,
    params: {
      Bucket: copy.bucket,
      Key: copy.key,
      ContentType: 'application/jsonl',
      Body: Readable.from(withMeta(metaOf(csv, source.bytes), sort.sorted()), { objectMode: false }),
    },
    partSize: PART_BYTES,
    queueSize: PARALLEL_PARTS,
  })
  // A line of JSON is a little longer than its row.
  upload.on('httpUploadProgress', ({ loaded = 0 }) =>
    onProgress(Math.min(1, SORT_SHARE + (SORT_SHARE * loaded) / Math.max(source.bytes * 1.2, 1))),
  )
  const abort = () => void upload.abort()
  signal.addEventListener('abort', abort)
  try {
    await upload.done()
  } finally {
    signal.removeEventListener('abort', abort)
    await sort.close()
  }
}

function startOf(row: SourceRow, columns: OpenCsv['columns']): number | undefined {
  const read = readFields(row, columns.length)
  return 'fault' in read ? undefined : utcStart(toRawEvent(read.fields, columns, NO_ORIGIN))
}

const metaOf = ({ columns, ignored }: OpenCsv, bytes: number): Meta => ({
  headers: columns.map((column) => column?.header ?? null),
  ignored,
  bytes,
})

async function* withMeta(meta: Meta, lines: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${JSON.stringify(meta)}\n`)
  yield* lines
}

/** Opens the sorted copy of a CSV at byte `offset` of it; 0 is its start. What is read has the form of the CSV. */
export async function openSortedCopy(options: {
  s3: S3Client
  sourceBucket: string
  source: S3Object
  offset: number
  signal: AbortSignal
  onRetry?: (error: unknown) => void
}): Promise<OpenCsv> {
  const { s3 } = options
  const place = copyOf(options)
  const { etag, bytes } = await headObject(s3, place)
  const copy = { ...place, etag }
  const read = (offset: number) => readObject({ ...options, object: copy, offset, bytes })
  const { head, all } = await takeHead(read(0), Math.min(bytes, MAX_META_BYTES))
  await all.return(undefined)
  const end = head.indexOf(LF)
  const name = `s3://${copy.bucket}/${copy.key}`
  if (end === -1) throw new RoadpulseError('SOURCE_UNREADABLE', `${name} is no sorted copy`)
  const meta = JSON.parse(head.toString('utf8', 0, end)) as Meta
  const start = Math.max(options.offset, end + 1)
  return {
    columns: meta.headers.map((header) => (header === null ? null : columnOf(header))),
    ignored: meta.ignored,
    isPlain: false,
    // Of the source, as if the copy were as long as it.
    bytesRead: (offset) => Math.round((offset / bytes) * meta.bytes),
    blocks: readSorted(read(start), start, name),
  }
}

async function* readSorted(
  chunks: AsyncGenerator<Buffer>,
  start: number,
  name: string,
): AsyncGenerator<SourceRow[]> {
  const splitter = createJsonSplitter(name)
  for await (const chunk of chunks) {
    const rows = splitter
      .push(chunk)
      .map(({ bytes, nextOffset }) => decodeSortedRow(bytes, start + nextOffset + LINE_END))
    if (rows.length > 0) yield rows
  }
}
