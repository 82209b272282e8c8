import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'

const LOOK_INTERVAL_MS = 15_000
const MAX_PAGES = 10
/** On a first look: objects are named by when their oldest record arrived. */
const LOOK_BACK_MS = 3_600_000

export type RawLayerTip = {
  /** The newest key as of the last look, empty when there is none; undefined before the first look has succeeded. */
  newest(): string | undefined
}

/** The newest object of the raw layer. Keys rise with time (`dt=/hr=/`), so each look lists only what is new. */
export function createRawLayerTip(options: {
  s3: Pick<S3Client, 'send'>
  bucket: string
  clock: Clock
  log: Log
}): RawLayerTip {
  const { s3, bucket, clock, log } = options
  let newest: string | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let isLooking = false

  async function look(): Promise<void> {
    let after = newest || keyOfHour(clock.now() - LOOK_BACK_MS)
    let found = newest ?? ''
    for (let page = 0; page < MAX_PAGES; page++) {
      const reply = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: 'dt=', StartAfter: after }),
      )
      found = reply.Contents?.at(-1)?.Key ?? found
      after = found
      if (reply.IsTruncated !== true) break
    }
    newest = found
  }

  return {
    newest() {
      if (!isLooking && clock.monotonic() - lookedAt >= LOOK_INTERVAL_MS) {
        isLooking = true
        lookedAt = clock.monotonic()
        look()
          .catch((error: unknown) => log.debug({ error: describeError(error) }, 'raw layer not listed'))
          .finally(() => {
            isLooking = false
          })
      }
      return newest
    },
  }
}

function keyOfHour(ms: number): string {
  const [day, time = ''] = new Date(ms).toISOString().split('T')
  return `dt=${day}/hr=${time.slice(0, 2)}/`
}
