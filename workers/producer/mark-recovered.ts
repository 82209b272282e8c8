import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../../lib/clock.ts'
import { markDone } from '../../lib/dead-letters/done-marks.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import { openLetters } from '../../lib/sources/letters-source.ts'
import type { RunRangeOptions } from './run-range.ts'

/**
 * Marks the letters as done that a recovery has fed in, so that nobody feeds them in again. Whose list is gone from S3
 * cannot be marked: that is told by `onUnknown`, and the recovery ends all the same, or its letters would be held for ever.
 */
export function createMarkRecovered(options: {
  s3: S3Client
  /** Where the dead letters are. */
  bucket: string
  onUnknown: (error: RoadpulseError) => void
  clock: Pick<Clock, 'now'>
}): RunRangeOptions['onRecovered'] {
  const { s3, bucket, onUnknown, clock } = options
  return async ({ name, source }, sent) => {
    if (source.kind !== 'dead-letters' || sent === 0) return
    try {
      const { letters } = await openLetters(s3, source.list)
      const places = letters.slice(0, sent).map(({ place }) => place)
      await markDone(s3, bucket, places, { recovery: name, at: clock.now() })
    } catch (error) {
      if (!(error instanceof RoadpulseError) || error.retryable) throw error
      onUnknown(error)
    }
  }
}
