import type { Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import {
  emittedTrailKey,
  feedIndexKey,
  feedKey,
  liveAliasKey,
  openFeedsKey,
  rangesKey,
  runningFeedsKey,
} from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'
import type { Feed, FeedCounts, FeedState } from './feed.ts'
import { nextLive } from './feed-names.ts'
import { toCounts } from './feed-record.ts'
import { KEEP_AFTER_END_SECONDS, TRAIL_MS } from './feed-retention.ts'

const claimScript = loadScript(new URL('./scripts/claim-range.lua', import.meta.url))
const forkScript = loadScript(new URL('./scripts/fork-range.lua', import.meta.url))
const advanceScript = loadScript(new URL('./scripts/advance-range.lua', import.meta.url))
const finishScript = loadScript(new URL('./scripts/finish-range.lua', import.meta.url))

/** Everything before it has been emitted, refused or filtered. */
export type Position = {
  /** Byte at which the next row begins, in the source as text (unzipped). 0: nothing has been read. */
  offset: number
  /** Number of the line at which the next row begins; the header's is 1. */
  line: number
  /** Number of the last row before it; the first row after the header is 1. */
  seq: number
}

/** A feed's source is worked on in ranges that follow each other: range 0 begins at its start. */
export type RangeClaim = {
  epoch: number
  /** Byte at which the range begins and, unless it goes on to the end of the source, at which the next one does. */
  start: number
  end?: number
  position: Position
  /** Bytes of the source, as stored, that were read for the range up to there. */
  bytes: number
  /** The range's part of the feed's counts. */
  counts: FeedCounts
  /** Rows up to this one may have been sent by the runner before, beyond the position. */
  inherited: number
  /** Nobody sends a row beyond this one before the next advance. */
  reserved: number
  /** The feed is to end: send up to `inherited`, then finish the range as stopped. */
  endRequested: boolean
}

/** What the dead letters of one feed became that were fed in again. */
export type Recovered = { recovered: number; emitted: number; refused: number }

export type RangeProgress = {
  position: Position
  reserved: number
  /** Bytes of the source, as stored, that were read for the range so far. */
  bytes: number
  counts: FeedCounts
  /** Since the last advance, by the feed that the letters belong to. */
  recovered?: ReadonlyMap<string, Recovered>
}

export type RangeOutcome =
  | { kind: 'finished' }
  | { kind: 'failed'; message: string }
  /** Told to end before its end. */
  | { kind: 'stopped' }

/** What those do to a feed's record in Redis who execute one of its ranges. All but `claim` throw `FENCED` when somebody else has claimed the range since. */
export type RangeStore = {
  /** Takes a range over from whoever had it. Nothing when the feed is over or paused, or the range done. */
  claim(feed: string, range: number, reserveRows: number): Promise<RangeClaim | undefined>
  /** Ends a range that went on to the end of the source at `boundary`; the next one begins there. */
  fork(feed: string, range: number, epoch: number, boundary: Position): Promise<void>
  /** Tells how far a feed's source is prepared, 0 to 1, while nothing can be sent; undefined when it is. */
  setPreparing(feed: string, share: number | undefined): Promise<void>
  /** Commits progress. */
  advance(feed: string, range: number, epoch: number, progress: RangeProgress): Promise<void>
  /** Ends the range. Resolves to the state of its feed, and the name of the live feed that follows it by `repeat`. */
  finish(
    feed: Feed,
    range: number,
    epoch: number,
    outcome: RangeOutcome,
  ): Promise<{ state: FeedState; next?: string }>
}

export function createRangeStore(redis: Redis): RangeStore {
  return {
    async claim(feed, range, reserveRows) {
      const reply = await claimScript.run(
        redis,
        [feedKey(feed), rangesKey(feed), runningFeedsKey()],
        [range, reserveRows, feed],
      )
      const values = (reply as number[]).map(Number)
      if (values.length === 0) return undefined
      const [epoch = 0, start = 0, end = -1, offset = 0, line = 0, seq = 0, inherited = 0, ...rest] = values
      const [reserved = 0, bytes = 0, ...counts] = rest
      const endRequested = counts.pop() === 1
      return {
        epoch,
        start,
        ...(end === -1 ? {} : { end }),
        position: { offset, line, seq },
        inherited,
        reserved,
        bytes,
        counts: toCounts(counts),
        endRequested,
      }
    },

    async fork(feed, range, epoch, { offset, line, seq }) {
      const reply = await forkScript.run(redis, [rangesKey(feed)], [range, epoch, offset, line, seq])
      if (reply === 'fenced') throw fencedError(feed, range)
    },

    async setPreparing(feed, share) {
      if (share === undefined) await redis.hdel(rangesKey(feed), 'preparing')
      else await redis.hset(rangesKey(feed), 'preparing', share)
    },

    async advance(feed, range, epoch, { position, reserved, bytes, counts, recovered }) {
      const keys = [rangesKey(feed), emittedTrailKey(feed)]
      const args = [range, epoch, position.offset, position.line, position.seq, reserved, bytes]
      args.push(counts.read, counts.refused, counts.filtered, counts.emitted, counts.recovered, TRAIL_MS)
      for (const [name, added] of recovered ?? []) {
        keys.push(rangesKey(name), emittedTrailKey(name))
        args.push(added.recovered, added.emitted, added.refused)
      }
      const reply = await advanceScript.run(redis, keys, args)
      if (reply === 'fenced') throw fencedError(feed, range)
    },

    async finish(feed, range, epoch, outcome) {
      const next = feed.kind === 'live' ? nextLive(feed.name) : ''
      const keys = [
        feedKey(feed.name),
        rangesKey(feed.name),
        emittedTrailKey(feed.name),
        liveAliasKey(),
        feedIndexKey(),
        openFeedsKey(),
        feedKey(next),
        runningFeedsKey(),
      ]
      const message = outcome.kind === 'failed' ? outcome.message : ''
      const repeat = feed.kind === 'live' && feed.repeat ? 1 : 0
      const args = [range, epoch, outcome.kind, message, feed.name, next, repeat, KEEP_AFTER_END_SECONDS]
      const [state, following] = (await finishScript.run(redis, keys, args)) as [string, string?]
      if (state === 'fenced') throw fencedError(feed.name, range)
      return { state: state as FeedState, ...(following ? { next: following } : {}) }
    },
  }
}

function fencedError(feed: string, range: number): RoadpulseError {
  return new RoadpulseError('FENCED', `another producer has taken over range ${range} of ${feed}`)
}
