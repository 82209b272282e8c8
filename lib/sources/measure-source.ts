import { promisify } from 'node:util'
import { constants, gunzip } from 'node:zlib'
import { RoadpulseError } from '../errors.ts'
import { readCsvHeader } from './csv-header.ts'
import { type FreezeOptions, parseS3Uri, type WantedSource } from './freeze-source.ts'
import { createJsonSplitter } from './json-splitter.ts'
import { isGzip } from './object-text.ts'
import { listRawLayer, parseHour } from './raw-layer-source.ts'
import { createRowSplitter } from './row-splitter.ts'
import { headObject, readObject, type S3Object } from './s3-object.ts'
import { readSortedSpan } from './sorted-span.ts'

/** What is read of a source: one piece, some thousand rows. */
const SAMPLE_BYTES = 1_048_576
/** A file that unzips to more of that than any CSV would is not unzipped. */
const MAX_TEXT_BYTES = 64 * 1_048_576
const HOUR_MS = 3_600_000

const unzip = promisify(gunzip)

/** What is known of a source before it is read. */
export type SourceMeasure = {
  /** As stored. */
  bytes: number
  rows: number
  /** The rows were counted; else they are reckoned by the average size of the first ones. */
  isCounted: boolean
  /** From when to when its events happened, epoch ms; absent while that is not known. */
  span?: { from: number; to: number }
}

type Measured = S3Object & { bytes: number }

/**
 * Looks at the start of a source, and keeps nothing. Throws `SOURCE_MISSING`, `SOURCE_UNREADABLE` and
 * `SOURCE_COLUMNS_MISSING` as `freezeSource` does.
 */
export function measureSource(options: FreezeOptions, wanted: WantedSource): Promise<SourceMeasure> {
  return wanted.kind === 'csv' ? measureCsv(options, wanted.uri) : measureRawLayer(options, wanted)
}

async function measureCsv(options: FreezeOptions, uri: string): Promise<SourceMeasure> {
  const place = parseS3Uri(uri)
  const source = { ...place, ...(await headObject(options.s3, place)) }
  const sample = await readSample(options, source)
  const { columns, end } = readCsvHeader(sample.text, uri)
  const splitter = createRowSplitter({ offset: end, line: 2, fields: columns.length })
  const rows = splitter.push(sample.text.subarray(end))
  if (sample.isWhole) rows.push(...splitter.end())
  const span = await readSortedSpan({ ...options, source })
  return { ...reckon(source.bytes, rows, sample), ...(span === undefined ? {} : { span }) }
}

async function measureRawLayer(
  options: FreezeOptions,
  { from, to }: Extract<WantedSource, { kind: 'raw-layer' }>,
): Promise<SourceMeasure> {
  const { s3, rawBucket: bucket } = options
  const objects = await listRawLayer(s3, { bucket, from, to })
  const [first] = objects
  if (first === undefined) {
    throw new RoadpulseError('SOURCE_MISSING', `there is nothing of the hours ${from} to ${to}`)
  }
  const sample = await readSample(options, { bucket, ...first })
  const splitter = createJsonSplitter(first.key)
  const rows = splitter.push(sample.text)
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0)
  const end = Math.min((parseHour(to) ?? 0) + HOUR_MS, Date.now())
  // Which of them are of replays, or repeated, shows only when they are read.
  return { ...reckon(bytes, rows, sample), isCounted: false, span: { from: parseHour(from) ?? 0, to: end } }
}

type Sample = { text: Buffer; storedBytes: number; isWhole: boolean }

async function readSample({ s3, signal }: FreezeOptions, object: Measured): Promise<Sample> {
  const storedBytes = Math.min(object.bytes, SAMPLE_BYTES)
  const pieces: Buffer[] = []
  for await (const piece of readObject({ s3, object, offset: 0, bytes: storedBytes, signal }))
    pieces.push(piece)
  const stored = Buffer.concat(pieces)
  const text = isGzip(stored) ? await unzipStart(stored, object) : stored
  return { text, storedBytes, isWhole: storedBytes === object.bytes }
}

/** What of a text can be told from the start of its gzipped bytes. */
async function unzipStart(stored: Buffer, { bucket, key }: Measured): Promise<Buffer> {
  try {
    return await unzip(stored, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_TEXT_BYTES })
  } catch (error) {
    throw new RoadpulseError('SOURCE_UNREADABLE', `s3://${bucket}/${key} cannot be unzipped`, error)
  }
}

/** As many rows as there are if all are like those of the sample. */
function reckon(bytes: number, rows: readonly { nextOffset: number }[], sample: Sample): SourceMeasure {
  if (sample.isWhole && bytes === sample.storedBytes) return { bytes, rows: rows.length, isCounted: true }
  const shareOfText = (rows.at(-1)?.nextOffset ?? 0) / sample.text.length
  const shareOfSource = shareOfText * (sample.storedBytes / bytes)
  return { bytes, rows: shareOfSource === 0 ? 0 : Math.round(rows.length / shareOfSource), isCounted: false }
}
