import type { Redis } from 'ioredis'
import { Value } from 'typebox/value'
import { RoadpulseError } from '../errors.ts'
import { emittedTrailKey, feedIndexKey, feedKey, liveAliasKey, rangeKey } from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'
import { type Feed, type FeedCounts, FeedPlan, type FeedState, NO_COUNTS, Pace } from './feed.ts'
import type { Filter } from './filter.ts'

const KEEP_AFTER_END_SECONDS = 7 * 24 * 3_600
const TRAIL_MS = 10 * 60_000
/** How many of the oldest names are looked at, each time a feed is created, for feeds that have expired. */
const PRUNED_AT_ONCE = 20

const ensureLiveScript = loadScript(new URL('./scripts/ensure-live.lua', import.meta.url))
const claimScript = loadScript(new URL('./scripts/claim-range.lua', import.meta.url))
const advanceScript = loadScript(new URL('./scripts/advance-range.lua', import.meta.url))
const finishScript = loadScript(new URL('./scripts/finish-feed.lua', import.meta.url))

/** Everything before it has been emitted, refused or filtered. */
export type Position = {
  /** Byte at which the next row begins, in the source as text (unzipped). 0: nothing has been read. */
  offset: number
  /** Number of the line at which the next row begins; the header's is 1. */
  line: number
  /** Number of the last row before it; the first row after the header is 1. */
  seq: number
}

export type RangeClaim = {
  epoch: number
  position: Position
  counts: FeedCounts
  /** Rows up to this one may have been sent by the runner before, beyond the position. */
  inherited: number
  /** Nobody sends a row beyond this one before the next advance. */
  reserved: number
  /** Another feed has taken this one's place: send up to `inherited`, then end it. */
  endRequested: boolean
}

export type RangeProgress = { position: Position; reserved: number; counts: FeedCounts }

export type FeedOutcome = { state: Extract<FeedState, 'finished' | 'failed' | 'ended'>; message?: string }

/** The record of all feeds in Redis. A name may be the alias `live` wherever something is read. */
export type FeedStore = {
  /** Newest first. */
  list(limit: number): Promise<Feed[]>
  get(name: string): Promise<Feed | undefined>
  live(): Promise<Feed | undefined>
  counts(name: string): Promise<FeedCounts>
  /** How many rows had certainly been emitted, and acknowledged by Kinesis, at `ms`; of the last 10 minutes. */
  emittedAsOf(name: string, ms: number): Promise<number>
  /** How fast it is to go now; undefined when there is no such feed. */
  pace(name: string): Promise<Pace | undefined>
  /**
   * The newest live feed if it has this plan, else a new one that takes its place. Only the pace may differ: the feed
   * goes on with the one that is given.
   */
  ensureLive(plan: FeedPlan): Promise<Feed>
  /** Takes a range over from whoever had it. Nothing when the feed is over. */
  claim(name: string, range: number, reserveRows: number): Promise<RangeClaim | undefined>
  /** Commits progress. Throws `FENCED` when somebody else has claimed the range since. */
  advance(name: string, range: number, epoch: number, progress: RangeProgress): Promise<'go' | 'end'>
  /** Ends the feed; resolves to the live feed that follows it by `repeat`. Throws `FENCED` as `advance` does. */
  finish(feed: Feed, range: number, epoch: number, outcome: FeedOutcome): Promise<Feed | undefined>
}

/** Feeds are executed as one range each; a later split by bytes adds ranges 1, 2, ... */
export const ONLY_RANGE = 0

export function createFeedStore({ redis }: { redis: Redis }): FeedStore {
  async function nameOf(name: string): Promise<string | null> {
    return name === 'live' ? redis.get(liveAliasKey()) : name
  }

  async function get(name: string): Promise<Feed | undefined> {
    const resolved = await nameOf(name)
    return resolved === null ? undefined : decodeFeed(resolved, await redis.hgetall(feedKey(resolved)))
  }

  /**
   * The name of a live feed that follows none. Redis may have been emptied: a number that was used before would have
   * its rows taken for ones that were sent again, so it is the time, in Unix seconds.
   */
  async function firstLive(): Promise<string> {
    const [seconds] = await redis.time()
    return `live-${seconds}`
  }

  async function existing(name: string): Promise<Feed> {
    const feed = await get(name)
    if (feed === undefined) throw new Error(`the feed ${name} vanished while it was set up`)
    return feed
  }

  async function pruneIndex(): Promise<void> {
    const oldest = await redis.zrange(feedIndexKey(), 0, String(PRUNED_AT_ONCE - 1))
    for (const name of oldest) {
      if ((await redis.exists(feedKey(name))) === 0) await redis.zrem(feedIndexKey(), name)
    }
  }

  return {
    get,
    live: () => get('live'),

    async list(limit) {
      const names = await redis.zrevrange(feedIndexKey(), 0, limit - 1)
      const feeds = await Promise.all(names.map(get))
      return feeds.filter((feed) => feed !== undefined)
    },

    async counts(name) {
      const feed = await nameOf(name)
      if (feed === null) return NO_COUNTS
      const fields = Object.keys(NO_COUNTS) as (keyof FeedCounts)[]
      const values = await redis.hmget(rangeKey(feed, ONLY_RANGE), ...fields)
      return toCounts(values.map(Number))
    },

    async emittedAsOf(name, ms) {
      const feed = await nameOf(name)
      if (feed === null) return 0
      const key = emittedTrailKey(feed, ONLY_RANGE)
      const [entry] = await redis.zrevrangebyscore(key, ms, '-inf', 'LIMIT', 0, 1)
      return entry === undefined ? 0 : Number(entry.slice(entry.indexOf(':') + 1))
    },

    async pace(name) {
      const feed = await nameOf(name)
      const pace = feed === null ? null : await redis.hget(feedKey(feed), 'pace')
      return pace === null ? undefined : Value.Parse(Pace, JSON.parse(pace))
    },

    async ensureLive(plan) {
      const text = encodePlan(plan)
      const pace = encodePace(plan.pace)
      for (;;) {
        const current = (await redis.get(liveAliasKey())) ?? ''
        const next = current === '' ? await firstLive() : nextLive(current)
        const keys = [
          liveAliasKey(),
          feedIndexKey(),
          feedKey(current),
          rangeKey(current, ONLY_RANGE),
          emittedTrailKey(current, ONLY_RANGE),
          feedKey(next),
        ]
        const args = [current, next, text, pace, KEEP_AFTER_END_SECONDS]
        const name = String(await ensureLiveScript.run(redis, keys, args))
        if (name === '') continue
        if (name !== current) await pruneIndex()
        return existing(name)
      }
    },

    async claim(name, range, reserveRows) {
      const reply = await claimScript.run(redis, [feedKey(name), rangeKey(name, range)], [reserveRows])
      const values = (reply as number[]).map(Number)
      if (values.length === 0) return undefined
      const [epoch = 0, offset = 0, line = 0, seq = 0, inherited = 0, reserved = 0, ...rest] = values
      const endRequested = rest.pop() === 1
      return {
        epoch,
        position: { offset, line, seq },
        inherited,
        reserved,
        counts: toCounts(rest),
        endRequested,
      }
    },

    async advance(name, range, epoch, { position, reserved, counts }) {
      const keys = [feedKey(name), rangeKey(name, range), emittedTrailKey(name, range)]
      const { read, refused, filtered, emitted, recovered } = counts
      const totals = [read, refused, filtered, emitted, recovered]
      const args = [epoch, position.offset, position.line, position.seq, reserved, ...totals, TRAIL_MS]
      const reply = await advanceScript.run(redis, keys, args)
      if (reply === 'fenced') throw fencedError(name, range)
      return reply === 'end' ? 'end' : 'go'
    },

    async finish(feed, range, epoch, { state, message = '' }) {
      const next = nextLive(feed.name)
      const keys = [
        feedKey(feed.name),
        rangeKey(feed.name, range),
        emittedTrailKey(feed.name, range),
        liveAliasKey(),
        feedIndexKey(),
        feedKey(next),
      ]
      const repeat = feed.kind === 'live' && feed.repeat ? 1 : 0
      const args = [epoch, state, message, feed.name, next, repeat, KEEP_AFTER_END_SECONDS]
      const reply = await finishScript.run(redis, keys, args)
      if (reply === 'fenced') throw fencedError(feed.name, range)
      if (reply === '') return undefined
      await pruneIndex()
      return existing(String(reply))
    },
  }
}

/** `live-4` follows `live-3`. */
function nextLive(current: string): string {
  return `live-${Number(current.slice('live-'.length)) + 1}`
}

/** The plan without its pace. The same one has the same text, in whatever order its properties were given: the script compares texts. */
function encodePlan({ source, filter, repeat, rows, lateness }: FeedPlan): string {
  return JSON.stringify({
    source: { kind: source.kind, bucket: source.bucket, key: source.key, etag: source.etag },
    filter: filter && orderFilter(filter),
    repeat,
    rows,
    lateness: lateness && { share: lateness.share, maxSeconds: lateness.maxSeconds, seed: lateness.seed },
  })
}

const encodePace = (pace: Pace) =>
  JSON.stringify(pace.kind === 'rate' ? { kind: 'rate', rowsPerSecond: pace.rowsPerSecond } : { kind: 'max' })

const orderFilter = ({ from, to, states, severities, ids, box }: Filter) => ({
  from,
  to,
  states,
  severities,
  ids,
  box: box && { north: box.north, south: box.south, east: box.east, west: box.west },
})

function decodeFeed(name: string, hash: Record<string, string>): Feed | undefined {
  const { plan, pace } = hash
  if (plan === undefined || pace === undefined) return undefined
  return {
    ...Value.Parse(FeedPlan, { ...JSON.parse(plan), pace: JSON.parse(pace) }),
    name,
    kind: name.startsWith('live-') ? 'live' : 'replay',
    state: hash['state'] as FeedState,
    createdAt: Number(hash['createdAt']),
    ...(hash['startedAt'] === undefined ? {} : { startedAt: Number(hash['startedAt']) }),
    ...(hash['finishedAt'] === undefined ? {} : { finishedAt: Number(hash['finishedAt']) }),
    ...(hash['message'] === undefined ? {} : { message: hash['message'] }),
  }
}

/** In the order in which the scripts give them. */
function toCounts([read = 0, refused = 0, filtered = 0, emitted = 0, recovered = 0]: number[]): FeedCounts {
  return { read, refused, filtered, emitted, recovered }
}

function fencedError(feed: string, range: number): RoadpulseError {
  return new RoadpulseError('FENCED', `another producer has taken over range ${range} of ${feed}`)
}
