import type { S3Client } from '@aws-sdk/client-s3'
import { hasCode } from '../errors.ts'
import { headObject, readObject, type S3Object } from './s3-object.ts'
import { copyOf } from './sorted-place.ts'
import type { SortedRow } from './sorted-row.ts'

/** Some rows at either end of a copy. */
const SPAN_BYTES = 1_048_576

/**
 * When the first and the last accident of a CSV began, epoch ms: known once it has been sorted. Undefined before that, and
 * when there is none at its ends whose start can be read.
 */
export async function readSortedSpan(options: {
  s3: S3Client
  sourceBucket: string
  source: S3Object
  signal: AbortSignal
}): Promise<{ from: number; to: number } | undefined> {
  const place = copyOf(options)
  const head = await headObject(options.s3, place).catch((error: unknown) => {
    if (hasCode(error, 'SOURCE_MISSING')) return undefined
    throw error
  })
  if (head === undefined) return undefined
  const { etag, bytes } = head
  const startsBetween = async (offset: number, end: number) => {
    const pieces: Buffer[] = []
    for await (const piece of readObject({ ...options, object: { ...place, etag }, offset, bytes: end })) {
      pieces.push(piece)
    }
    // Lines that are cut off are left out, and with the first one the columns.
    const lines = Buffer.concat(pieces).toString('utf8').split('\n').slice(1, -1)
    return lines.flatMap((line) => (JSON.parse(line) as SortedRow).at ?? [])
  }
  const first = (await startsBetween(0, Math.min(bytes, SPAN_BYTES)))[0]
  const last = (await startsBetween(Math.max(0, bytes - SPAN_BYTES), bytes)).at(-1)
  return first === undefined || last === undefined ? undefined : { from: first, to: last }
}
