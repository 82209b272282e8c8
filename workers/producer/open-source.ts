import type { S3Client } from '@aws-sdk/client-s3'
import type { RawEvent } from '../../lib/events/raw-event.ts'
import type { CsvSource, DeadLetterSource, Feed, RawLayerSource } from '../../lib/feeds/feed.ts'
import { compileFilter } from '../../lib/feeds/filter.ts'
import type { RangeClaim } from '../../lib/feeds/range-store.ts'
import { type OpenCsv, openCsv } from '../../lib/sources/csv-source.ts'
import { openLetters } from '../../lib/sources/letters-source.ts'
import { openRawLayer } from '../../lib/sources/raw-layer-source.ts'
import { openSortedCopy } from '../../lib/sources/sorted-copy.ts'
import type { SourceRow } from '../../lib/sources/source-row.ts'
import { columnsOf, encodeLetter, encodeProcessed } from './encode-letter.ts'
import { type EncodedRow, encodeRow, type RowPlace } from './encode-row.ts'
import { encodeStoredEvent, readStoredEvents } from './encode-stored-event.ts'

/** A range of a feed's source, opened at its position. */
export type OpenSource = {
  /** What people should know of it. */
  notices: string[]
  /** The rows from the position on, block by block, as they come from S3. */
  blocks: AsyncGenerator<SourceRow[]>
  encode(row: SourceRow, place: RowPlace): EncodedRow
  /** How much of the source, as stored, was read for the rows of the range before `offset`, in bytes. */
  bytesRead: (offset: number) => number
  /** Whether ranges of it can be worked on by several producers. */
  isDivisible: boolean
}

export type OpenSourceOptions = {
  s3: S3Client
  /** Where sorted copies are kept. */
  sourceBucket: string
  feed: Feed
  claim: RangeClaim
  signal: AbortSignal
  onRetry: (error: unknown) => void
}

export async function openSource(options: OpenSourceOptions): Promise<OpenSource> {
  const { filter, source } = options.feed
  const fits = filter ? compileFilter(filter) : () => true
  if (source.kind === 'csv') return openCsvFeed(options, source, fits)
  return source.kind === 'raw-layer' ? openRawLayerFeed(options, source, fits) : openRecovery(options, source)
}

type Fits = (event: RawEvent) => boolean

async function openCsvFeed(options: OpenSourceOptions, source: CsvSource, fits: Fits): Promise<OpenSource> {
  const { feed } = options
  const csv = await (feed.pace.kind === 'speed' ? openByTime(options, source) : openAsItIs(options, source))
  const encoding = { feed, columns: csv.columns, fits }
  return {
    notices: csv.ignored.length === 0 ? [] : [`columns that are ignored: ${csv.ignored.join(', ')}`],
    blocks: csv.blocks,
    encode: (row, place) => encodeRow(row, encoding, place),
    bytesRead: csv.bytesRead,
    isDivisible: csv.isPlain,
  }
}

function openAsItIs({ claim, ...options }: OpenSourceOptions, source: CsvSource): Promise<OpenCsv> {
  const { start, end, position } = claim
  return openCsv({ ...options, source, position, start, ...(end === undefined ? {} : { end }) })
}

/** By the start of the accidents: from the sorted copy. */
function openByTime(options: OpenSourceOptions, source: CsvSource): Promise<OpenCsv> {
  return openSortedCopy({ ...options, source, offset: options.claim.position.offset })
}

function openRawLayerFeed(
  { feed, claim, ...options }: OpenSourceOptions,
  source: RawLayerSource,
  fits: Fits,
): OpenSource {
  const { blocks, bytesRead } = openRawLayer({ ...options, bucket: source.bucket, list: source.list })
  const encoding = { feed, takesReplays: source.feeds === 'all', fits }
  return {
    notices: [],
    blocks: skipRows(readStoredEvents(blocks), claim.position.seq),
    encode: (row, place) => encodeStoredEvent(row, encoding, place),
    bytesRead,
    isDivisible: false,
  }
}

async function openRecovery(
  { claim, s3 }: OpenSourceOptions,
  { origin, list, letters, bytes }: DeadLetterSource,
): Promise<OpenSource> {
  const open = await openLetters(s3, list)
  const columns = columnsOf(open)
  return {
    notices: [],
    blocks: skipRows(open.blocks, claim.position.seq),
    encode: (row, place) => (origin === 'handler' ? encodeProcessed(row) : encodeLetter(row, columns, place)),
    // The list is read at once: what counts is how much of it is sent.
    bytesRead: (sent) => Math.round((sent / letters) * bytes),
    isDivisible: false,
  }
}

/** What is skipped is read all the same: a repeat of it is to be known. */
async function* skipRows(blocks: AsyncGenerator<SourceRow[]>, count: number): AsyncGenerator<SourceRow[]> {
  let left = count
  for await (const rows of blocks) {
    if (rows.length > left) yield left === 0 ? rows : rows.slice(left)
    left = Math.max(0, left - rows.length)
  }
}
