import type { S3Client } from '@aws-sdk/client-s3'
import type { FeedPlan } from '../../lib/feeds/feed.ts'
import type { ProducerOptions } from './options.ts'
import { headObject } from './s3-object.ts'

/** Any number does: it only has to be the same in each run. */
const LATENESS_SEED = 1

/**
 * The plan of the live feed that the options ask for, its source pinned to the content it has now; nothing when they
 * ask for none. Throws `SOURCE_MISSING` while the source is not there.
 */
export async function readLivePlan(s3: S3Client, options: ProducerOptions): Promise<FeedPlan | undefined> {
  if (options.LIVE_SOURCE === undefined) return undefined
  const [bucket = '', ...key] = options.LIVE_SOURCE.slice('s3://'.length).split('/')
  const object = { bucket, key: key.join('/') }
  const { etag } = await headObject(s3, object)
  const rate = options.LIVE_RATE
  return {
    source: { kind: 'csv', ...object, etag },
    pace: rate === 'max' ? { kind: 'max' } : { kind: 'rate', rowsPerSecond: rate },
    repeat: options.LIVE_REPEAT,
    ...(options.LIVE_ROWS === undefined ? {} : { rows: options.LIVE_ROWS }),
    ...(options.LIVE_LATENESS_SHARE === 0
      ? {}
      : {
          lateness: {
            share: options.LIVE_LATENESS_SHARE,
            maxSeconds: options.LIVE_LATENESS_MAX_SECONDS,
            seed: LATENESS_SEED,
          },
        }),
  }
}
