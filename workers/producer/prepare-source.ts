import type { S3Client } from '@aws-sdk/client-s3'
import type { Clock } from '../../lib/clock.ts'
import type { Feed } from '../../lib/feeds/feed.ts'
import type { RangeStore } from '../../lib/feeds/range-store.ts'
import { ensureSortedCopy } from '../../lib/sources/sorted-copy.ts'

const TELL_INTERVAL_MS = 500

/**
 * What a source needs before it can be read: one that is sent by the time of its accidents is sorted by it, once. Tells
 * how far it has come. Resolves to false when `ending` aborted before it was done.
 */
export async function prepareSource(options: {
  s3: S3Client
  sourceBucket: string
  feed: Feed
  store: Pick<RangeStore, 'setPreparing'>
  clock: Clock
  signal: AbortSignal
  ending: AbortSignal
  onRetry: (error: unknown) => void
}): Promise<boolean> {
  const { feed, store, clock, ending } = options
  const { source, pace } = feed
  if (source.kind !== 'csv' || pace.kind !== 'speed') return true
  let toldAt = Number.NEGATIVE_INFINITY
  let telling = Promise.resolve()

  function onProgress(share: number): void {
    if (clock.monotonic() - toldAt < TELL_INTERVAL_MS) return
    toldAt = clock.monotonic()
    telling = store.setPreparing(feed.name, share).catch(options.onRetry)
  }

  try {
    const signal = AbortSignal.any([options.signal, ending])
    await ensureSortedCopy({ ...options, source, signal, onProgress })
  } catch (error) {
    if (ending.aborted) return false
    throw error
  } finally {
    await telling
    await store.setPreparing(feed.name, undefined)
  }
  return true
}
