import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'

/**
 * Why it was put aside, and with that the way back: `row` (the producer could not read it) and `rejected` (Flink
 * refused it) go through the producer, `handler` (the consumer's handler failed) to the handler; `oversize` can only
 * be looked at.
 */
export type DeadLetterOrigin = 'row' | 'rejected' | 'handler' | 'oversize'

/** A record that was put aside. `bytes` are the record's own. */
export type DeadLetter = {
  origin: DeadLetterOrigin
  /** For people: one line. */
  reason: string
  bytes: Uint8Array
  feed?: string
  /** Row number in the source. */
  seq?: number
  attempt?: number
  /** Source of the row, s3://bucket/key. */
  file?: string
  /** Line of the source at which the row begins, first line 1. */
  line?: number
  /** Byte of the source, unzipped, at which the row begins. */
  offset?: number
  /** Where in a stream it was read. */
  shardId?: string
  sequenceNumber?: string
  /** Its place in a KPL aggregate. */
  subSequenceNumber?: number
  epoch?: number
}

export type DeadLetterStore = {
  /** Resolves when all of them are stored. Rejects with `DEAD_LETTER_STORE_DOWN`: then put all of them again. */
  put(letters: readonly DeadLetter[]): Promise<void>
}

const compress = promisify(gzip)

/**
 * Puts dead letters into S3: one gzipped JSON-lines object for each origin in a `put`, under
 * `origin=<origin>/dt=<day>/hr=<hour>/<time and chance>.jsonl.gz` (UTC), so that names sort by time.
 */
export function createDeadLetterStore(options: {
  s3: S3Client
  bucket: string
  clock: Clock
}): DeadLetterStore {
  async function putObject(origin: DeadLetterOrigin, letters: readonly DeadLetter[]): Promise<void> {
    const storedAt = options.clock.now()
    const lines = letters.map(({ bytes, ...rest }) =>
      JSON.stringify({ ...rest, storedAt, bytesBase64: Buffer.from(bytes).toString('base64') }),
    )
    await options.s3.send(
      new PutObjectCommand({
        Bucket: options.bucket,
        Key: objectKey(origin, storedAt),
        Body: await compress(`${lines.join('\n')}\n`),
        ContentType: 'application/gzip',
      }),
    )
  }

  return {
    async put(letters) {
      const byOrigin = Map.groupBy(letters, (letter) => letter.origin)
      try {
        await Promise.all([...byOrigin].map(([origin, group]) => putObject(origin, group)))
      } catch (error) {
        throw new RoadpulseError('DEAD_LETTER_STORE_DOWN', 'dead letters cannot be stored', error)
      }
    },
  }
}

function objectKey(origin: DeadLetterOrigin, at: number): string {
  const [day, time = ''] = new Date(at).toISOString().split('T')
  const name = `${at.toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`
  return `origin=${origin}/dt=${day}/hr=${time.slice(0, 2)}/${name}.jsonl.gz`
}
