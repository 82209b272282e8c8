import { RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedPlan, NO_COUNTS } from '../../lib/feeds/feed.ts'
import type { FeedStore, RangeClaim, RangeProgress } from '../../lib/feeds/feed-store.ts'

export type MemoryFeedStore = FeedStore & {
  feed: Feed
  /** Every progress that was committed, in order. */
  committed: RangeProgress[]
  requestEnd(): void
}

/** The part of the feed store that a run uses, with the rules of its scripts, for the one feed `live-1`. */
export function createMemoryFeedStore(plan: FeedPlan): MemoryFeedStore {
  const feed: Feed = { ...plan, name: 'live-1', kind: 'live', state: 'waiting', createdAt: 0 }
  const committed: RangeProgress[] = []
  let epoch = 0
  let reserved = 0
  let endRequested = false
  const unused = () => Promise.reject(new Error('a run does not use this'))
  const last = () =>
    committed.at(-1) ?? { position: { offset: 0, line: 0, seq: 0 }, reserved: 0, counts: NO_COUNTS }

  function checkEpoch(given: number): void {
    if (given !== epoch) throw new RoadpulseError('FENCED', 'another run has the range')
  }

  return {
    feed,
    committed,
    requestEnd: () => {
      endRequested = true
    },
    list: unused,
    live: unused,
    ensureLive: unused,
    emittedAsOf: unused,
    get: async () => ({ ...feed }),
    pace: async () => feed.pace,
    counts: async () => last().counts,
    async claim(_name, _range, reserveRows): Promise<RangeClaim | undefined> {
      if (feed.state !== 'waiting' && feed.state !== 'running') return undefined
      feed.state = 'running'
      const { position, counts } = last()
      const inherited = reserved
      if (!endRequested) reserved = Math.max(reserved, position.seq + reserveRows)
      return { epoch: ++epoch, position, counts, inherited, reserved, endRequested }
    },
    async advance(_name, _range, given, progress) {
      checkEpoch(given)
      const { read, refused, filtered, emitted, recovered } = progress.counts
      if (progress.position.seq < last().position.seq) throw new Error('backward')
      if (read + recovered !== emitted + refused + filtered) throw new Error('unbalanced')
      committed.push(structuredClone(progress))
      reserved = progress.reserved
      return endRequested ? 'end' : 'go'
    },
    async finish(_feed, _range, given, outcome) {
      checkEpoch(given)
      Object.assign(feed, outcome)
      return undefined
    },
  }
}
