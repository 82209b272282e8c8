import { RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedCounts, type FeedPlan, kindOf, NO_COUNTS } from '../../lib/feeds/feed.ts'
import type { FeedReader, Orders } from '../../lib/feeds/feed-store.ts'
import type { RangeClaim, RangeProgress, RangeStore } from '../../lib/feeds/range-store.ts'

export type MemoryFeedStore = RangeStore &
  Pick<FeedReader, 'get' | 'orders' | 'counts'> & {
    feed: Feed
    /** Every progress that was committed, in order. */
    committed: RangeProgress[]
    /** What the runners are told. */
    verdict: Orders['verdict']
    /** Ranges that are not done. */
    open(): number[]
    /** How far a range is committed, and what its runner may have sent beyond. */
    rangeOf(index: number): Pick<RangeProgress, 'position' | 'reserved'>
  }

type Range = RangeProgress & { start: number; end?: number; epoch: number; isDone: boolean }

/** The part of the feed store that a run uses, with the rules of its scripts, for one feed. */
export function createMemoryFeedStore(plan: FeedPlan, name = 'live-1'): MemoryFeedStore {
  const kind = kindOf(name) ?? 'replay'
  const feed: Feed = { ...plan, name, kind, state: 'waiting', createdAt: 0 }
  const committed: RangeProgress[] = []
  const ranges: Range[] = [newRange({ offset: 0, line: 0, seq: 0 })]

  function newRange(position: RangeProgress['position']): Range {
    const { offset: start, seq: reserved } = position
    return { start, position, reserved, counts: NO_COUNTS, bytes: 0, epoch: 0, isDone: false }
  }

  function held(index: number, epoch: number): Range {
    const range = ranges[index]
    if (range?.epoch !== epoch) throw new RoadpulseError('FENCED', 'another run has the range')
    return range
  }

  const open = () => ranges.flatMap(({ isDone }, index) => (isDone ? [] : [index]))

  const store: MemoryFeedStore = {
    feed,
    committed,
    verdict: 'go',
    open,
    rangeOf(index) {
      const { position, reserved } = ranges[index] ?? newRange({ offset: 0, line: 0, seq: 0 })
      return { position, reserved }
    },
    get: async () => ({ ...feed }),
    orders: async () => ({ verdict: store.verdict, pace: feed.pace }),
    async counts() {
      const total: FeedCounts = { ...NO_COUNTS }
      for (const { counts } of ranges) {
        for (const field of Object.keys(total) as (keyof FeedCounts)[]) total[field] += counts[field]
      }
      return total
    },
    async claim(_name, index, reserveRows): Promise<RangeClaim | undefined> {
      const range = ranges[index]
      if (feed.state !== 'waiting' && feed.state !== 'running') return undefined
      if (range === undefined || range.isDone) return undefined
      feed.state = 'running'
      const { position, counts, bytes, start, end, reserved: inherited } = range
      const endRequested = store.verdict === 'end'
      if (!endRequested) range.reserved = Math.max(inherited, position.seq + reserveRows)
      const { reserved } = range
      const epoch = ++range.epoch
      return {
        epoch,
        start,
        ...(end === undefined ? {} : { end }),
        position,
        counts,
        bytes,
        inherited,
        reserved,
        endRequested,
      }
    },
    async fork(_name, index, epoch, boundary) {
      const range = held(index, epoch)
      if (range.end !== undefined) return
      range.end = boundary.offset
      ranges.push(newRange(boundary))
    },
    setPreparing: async () => undefined,
    async advance(_name, index, epoch, progress) {
      const range = held(index, epoch)
      const { read, refused, filtered, emitted, recovered } = progress.counts
      if (progress.position.seq < range.position.seq) throw new Error('backward')
      if (read + recovered !== emitted + refused + filtered) throw new Error('unbalanced')
      committed.push(structuredClone(progress))
      Object.assign(range, progress)
    },
    async finish(_feed, index, epoch, outcome) {
      held(index, epoch).isDone = true
      if (outcome.kind === 'failed') feed.message = outcome.message
      if (open().length > 0) return { state: feed.state }
      feed.state = outcome.kind === 'stopped' ? 'ended' : outcome.kind
      return { state: feed.state }
    },
  }
  return store
}
