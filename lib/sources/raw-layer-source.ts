import type { S3Client } from '@aws-sdk/client-s3'
import { createJsonSplitter } from './json-splitter.ts'
import { type ListedObject, listObjects, readObjectList } from './object-list.ts'
import { openText } from './object-text.ts'
import { readObject, type S3Object } from './s3-object.ts'
import type { SourceRow } from './source-row.ts'

const HOUR_MS = 3_600_000
const HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}$/

/** A UTC hour, YYYY-MM-DDTHH, as epoch ms; undefined for what is none. */
export function parseHour(text: string): number | undefined {
  const ms = HOUR.test(text) ? Date.parse(`${text}:00:00Z`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** The objects of the raw layer of these UTC hours, by arrival, the last one included. */
export async function listRawLayer(
  s3: S3Client,
  source: { bucket: string; from: string; to: string },
): Promise<ListedObject[]> {
  const from = parseHour(source.from) ?? 0
  const to = parseHour(source.to) ?? 0
  const days = new Set<string>()
  for (let hour = from; hour <= to; hour += HOUR_MS) days.add(dayOf(hour))
  const listed: ListedObject[] = []
  for (const day of days) listed.push(...(await listObjects(s3, source.bucket, `dt=${day}/`)))
  return listed.filter(({ key }) => {
    const [, day, hour] = /^dt=([\d-]+)\/hr=(\d\d)\//.exec(key) ?? []
    const at = parseHour(`${day}T${hour}`)
    return at !== undefined && at >= from && at <= to
  })
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

export type OpenRawLayer = {
  /** Every event from the first one on, block by block: which are repeated shows only to who has seen those before. */
  blocks: AsyncGenerator<SourceRow[]>
  /** Bytes of the objects that were read so far. */
  bytesRead: () => number
}

/** Opens the objects of a frozen list, JSON lines or objects that are joined as they are, plain or gzipped, one after the other. */
export function openRawLayer(options: {
  s3: S3Client
  bucket: string
  list: S3Object
  signal: AbortSignal
  onRetry?: (error: unknown) => void
}): OpenRawLayer {
  const { s3, bucket, list } = options
  let bytesRead = 0

  async function* readBytes(object: ListedObject): AsyncGenerator<Buffer> {
    const pieces = readObject({ ...options, object: { bucket, ...object }, offset: 0, bytes: object.bytes })
    for await (const piece of pieces) {
      bytesRead += piece.length
      yield piece
    }
  }

  async function* blocks(): AsyncGenerator<SourceRow[]> {
    for (const object of await readObjectList(s3, list)) {
      const name = `s3://${bucket}/${object.key}`
      const splitter = createJsonSplitter(name)
      const { chunks } = await openText(readBytes(object), name)
      for await (const chunk of chunks) {
        const rows = splitter.push(chunk)
        if (rows.length > 0) yield rows
      }
      const last = splitter.end()
      if (last.length > 0) yield last
    }
  }

  return { blocks: blocks(), bytesRead: () => bytesRead }
}
