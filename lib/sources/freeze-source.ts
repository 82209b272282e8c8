import type { S3Client } from '@aws-sdk/client-s3'
import { RoadpulseError } from '../errors.ts'
import type { CsvSource, RawLayerSource, Source } from '../feeds/feed.ts'
import { openCsv } from './csv-source.ts'
import { writeObjectList } from './object-list.ts'
import { listRawLayer } from './raw-layer-source.ts'
import { headObject } from './s3-object.ts'

/** A source as people name it. */
export type WantedSource =
  | { kind: 'csv'; uri: string }
  | { kind: 'raw-layer'; from: string; to: string; feeds: RawLayerSource['feeds'] }

export type FreezeOptions = {
  s3: S3Client
  rawBucket: string
  /** Where lists of objects are kept, under `lists/`. */
  sourceBucket: string
  signal: AbortSignal
}

/**
 * Pins what a source is at this moment: a feed sends that, or fails. Throws `SOURCE_MISSING` when there is nothing, and
 * what the first look at it shows: `SOURCE_UNREADABLE`, `SOURCE_COLUMNS_MISSING`. `id` names what is kept of it.
 */
export function freezeSource(options: FreezeOptions, wanted: WantedSource, id: string): Promise<Source> {
  return wanted.kind === 'csv' ? freezeCsv(options, wanted.uri) : freezeRawLayer(options, wanted, id)
}

/** The bucket and the key of s3://bucket/key. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const [bucket = '', ...key] = uri.slice('s3://'.length).split('/')
  return { bucket, key: key.join('/') }
}

async function freezeCsv({ s3, signal }: FreezeOptions, uri: string): Promise<CsvSource> {
  const object = parseS3Uri(uri)
  const source: CsvSource = { kind: 'csv', ...object, ...(await headObject(s3, object)) }
  const csv = await openCsv({ s3, source, position: { offset: 0, line: 0, seq: 0 }, signal })
  await csv.blocks.return(undefined)
  return source
}

async function freezeRawLayer(
  { s3, rawBucket, sourceBucket }: FreezeOptions,
  { from, to, feeds }: Extract<WantedSource, { kind: 'raw-layer' }>,
  id: string,
): Promise<RawLayerSource> {
  const objects = await listRawLayer(s3, { bucket: rawBucket, from, to })
  if (objects.length === 0) {
    const where = `s3://${rawBucket} of the hours ${from} to ${to}`
    throw new RoadpulseError('SOURCE_MISSING', `there is nothing in ${where}, by the time of arrival, UTC`)
  }
  const list = await writeObjectList(s3, { bucket: sourceBucket, key: `lists/${id}.jsonl.gz` }, objects)
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0)
  return { kind: 'raw-layer', bucket: rawBucket, from, to, feeds, list, bytes }
}
