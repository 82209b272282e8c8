import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../lib/clock.ts'
import type { Feed, Pace } from '../../lib/feeds/feed.ts'
import type { FeedReader, Orders } from '../../lib/feeds/feed-store.ts'

const CHECK_MS = 500

/** What a run is to do at present. */
export type CurrentOrders = {
  verdict(): Orders['verdict']
  pace(): Pace
}

/** Follows what is asked of a feed while one of its ranges runs, within a second of it, until `signal` aborts. */
export function followOrders(options: {
  store: Pick<FeedReader, 'orders'>
  feed: Feed
  endRequested: boolean
  clock: Clock
  signal: AbortSignal
  onPace: (pace: Pace) => void
  onPause: () => void
  onEnd: () => void
}): CurrentOrders {
  const { store, feed, clock, signal } = options
  let verdict: Orders['verdict'] = options.endRequested ? 'end' : 'go'
  let { pace } = feed

  function obey(orders: Orders): void {
    if (!isDeepStrictEqual(orders.pace, pace)) {
      pace = orders.pace
      options.onPace(pace)
    }
    if (orders.verdict === verdict || verdict === 'end') return
    verdict = orders.verdict
    if (verdict === 'pause') options.onPause()
    if (verdict === 'end') options.onEnd()
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      // While Redis is away nothing is committed either, and that is told.
      const orders = await store.orders(feed.name).catch(() => undefined)
      if (signal.aborted) return
      if (orders !== undefined) obey(orders)
      await clock.sleep(CHECK_MS, signal)
    }
  }

  void follow()
  return { verdict: () => verdict, pace: () => pace }
}
