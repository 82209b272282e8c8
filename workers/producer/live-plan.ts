import type { S3Client } from '@aws-sdk/client-s3'
import { describeError, RoadpulseError } from '../../lib/errors.ts'
import type { FeedPlan } from '../../lib/feeds/feed.ts'
import { type Filter, faultsOfFilter } from '../../lib/feeds/filter.ts'
import { parseS3Uri } from '../../lib/sources/freeze-source.ts'
import { headObject } from '../../lib/sources/s3-object.ts'
import type { ProducerOptions } from './options.ts'

/** Any number does: it only has to be the same in each run. */
const LATENESS_SEED = 1

/**
 * The plan of the live feed that the options ask for, its source pinned to the content it has now; nothing when they
 * ask for none. Throws `SOURCE_MISSING` while the source is not there.
 */
export async function readLivePlan(
  s3: S3Client,
  options: ProducerOptions,
  filter: Filter | undefined,
): Promise<FeedPlan | undefined> {
  if (options.LIVE_SOURCE === undefined) return undefined
  const object = parseS3Uri(options.LIVE_SOURCE)
  const { etag, bytes } = await headObject(s3, object)
  const rate = options.LIVE_RATE
  return {
    source: { kind: 'csv', ...object, etag, bytes },
    ...(filter === undefined ? {} : { filter }),
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

/** The filter of the live feed that the options ask for. Throws `CONFIGURATION` with all that is wrong with it. */
export function readLiveFilter({ LIVE_FILTER: text }: ProducerOptions): Filter | undefined {
  if (text === undefined) return undefined
  const fail = (why: string) =>
    new RoadpulseError('CONFIGURATION', `wrong configuration:\n  LIVE_FILTER: got ${text}, ${why}`)
  let filter: unknown
  try {
    filter = JSON.parse(text)
  } catch (error) {
    throw fail(`expected JSON (${describeError(error)})`)
  }
  const faults = faultsOfFilter(filter)
  if (faults.length === 0) return filter as Filter
  throw fail(faults.map(({ field, message }) => `${field} ${message}`.trim()).join('; '))
}
