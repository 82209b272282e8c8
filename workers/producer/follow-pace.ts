import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Feed, Pace } from '../../lib/feeds/feed.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'

const CHECK_MS = 500

/** Calls back for each change of a feed's pace, within a second of it, until `signal` aborts. */
export async function followPace(options: {
  store: Pick<FeedStore, 'pace'>
  feed: Feed
  clock: Clock
  signal: AbortSignal
  onChange: (pace: Pace) => void
}): Promise<void> {
  const { store, feed, clock, signal, onChange } = options
  let { pace } = feed
  while (!signal.aborted) {
    await clock.sleep(CHECK_MS, signal)
    // While Redis is away nothing is committed either, and that is told.
    const wanted = await store.pace(feed.name).catch(() => undefined)
    if (wanted === undefined || isDeepStrictEqual(wanted, pace)) continue
    pace = wanted
    onChange(pace)
  }
}
