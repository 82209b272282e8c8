import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { isTransient, statusOf } from '../aws/is-transient.ts'
import { type Clock, systemClock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'
import { type Backoff, retry } from '../retry.ts'

/** Read in pieces: a paced reader would hold one long response open for hours, which S3 does not promise to bear. */
const PIECE_BYTES = 1_048_576
const BACKOFF: Backoff = { baseMs: 200, maxMs: 5_000 }

export type S3Object = { bucket: string; key: string; etag: string }

/** The etag and size of an object as it is now. Throws `SOURCE_MISSING`. */
export async function headObject(
  s3: S3Client,
  { bucket, key }: { bucket: string; key: string },
): Promise<{ etag: string; bytes: number }> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
    return { etag: head.ETag ?? '', bytes: head.ContentLength ?? 0 }
  } catch (error) {
    throw sourceError({ bucket, key }, error)
  }
}

/** When an object was last written, epoch ms, in whole seconds. Throws `SOURCE_MISSING`. */
export async function modifiedAt(
  s3: S3Client,
  { bucket, key }: { bucket: string; key: string },
): Promise<number> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
    return head.LastModified?.getTime() ?? 0
  } catch (error) {
    throw sourceError({ bucket, key }, error)
  }
}

/**
 * The bytes of an object from `offset` on, the next piece already under way while one is worked on. Transient errors
 * are retried until `signal` aborts. Throws `SOURCE_CHANGED` when the object no longer has that etag, and
 * `SOURCE_MISSING` when it is gone.
 */
export async function* readObject(options: {
  s3: S3Client
  object: S3Object
  offset: number
  bytes: number
  signal: AbortSignal
  onRetry?: (error: unknown) => void
  clock?: Clock
}): AsyncGenerator<Buffer> {
  let next = options.offset < options.bytes ? readPiece(options, options.offset) : undefined
  for (let at = options.offset; next !== undefined; ) {
    const piece = await next
    at += piece.length
    next = at < options.bytes ? readPiece(options, at) : undefined
    // A piece that fails while the one before is worked on is reported when its turn comes.
    next?.catch(() => undefined)
    yield piece
  }
}

async function readPiece(
  { s3, object, bytes, signal, onRetry, clock = systemClock }: Parameters<typeof readObject>[0],
  from: number,
): Promise<Buffer> {
  const command = new GetObjectCommand({
    Bucket: object.bucket,
    Key: object.key,
    IfMatch: object.etag,
    Range: `bytes=${from}-${Math.min(from + PIECE_BYTES, bytes) - 1}`,
  })
  try {
    return await retry(
      async () => {
        const response = await s3.send(command, { abortSignal: signal })
        const bytes = (await response.Body?.transformToByteArray()) ?? new Uint8Array()
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      },
      { ...BACKOFF, isRetryable: isTransient, signal, clock, ...(onRetry && { onRetry }) },
    )
  } catch (error) {
    throw signal.aborted ? error : sourceError(object, error)
  }
}

/** What an error of S3 says of a source; as it is when it may pass. */
export function sourceError({ bucket, key }: { bucket: string; key: string }, error: unknown): unknown {
  const name = `s3://${bucket}/${key}`
  const status = statusOf(error)
  if (status === 404) return new RoadpulseError('SOURCE_MISSING', `there is no ${name}`, error)
  if (status === 412)
    return new RoadpulseError('SOURCE_CHANGED', `${name} was replaced while it was read`, error)
  if (status !== undefined && !isTransient(error)) {
    return new RoadpulseError('SOURCE_UNREADABLE', `${name} cannot be read`, error)
  }
  return error
}
