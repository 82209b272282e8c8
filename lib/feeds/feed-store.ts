import type { Redis } from 'ioredis'
import { Value } from 'typebox/value'
import {
  emittedTrailKey,
  feedIndexKey,
  feedKey,
  liveAliasKey,
  openFeedsKey,
  rangesKey,
  runningFeedsKey,
} from '../redis/keys.ts'
import {
  type Feed,
  type FeedCounts,
  type FeedKind,
  type FeedState,
  isOver,
  kindOf,
  NO_COUNTS,
  Pace,
} from './feed.ts'
import { createFeedControl, type FeedControl } from './feed-control.ts'
import { decodeFeed, toCounts } from './feed-record.ts'
import { createRangeStore, type RangeStore } from './range-store.ts'

/** Feeds that are looked up at once while a list is filled. */
const LIST_PAGE = 100

export type FeedPage = {
  /** Newest first. */
  feeds: Feed[]
  /** Where the next page begins; absent on the last one. */
  nextCursor?: string
}

export type FeedProgress = {
  counts: FeedCounts
  /** Ranges that the source has been divided into so far, and how many of them are done. */
  ranges: number
  rangesDone: number
  /** Of the source as stored. */
  bytesRead: number
  /** How far the source is prepared, 0 to 1, before anything can be sent. */
  preparing?: number
}

/** What a feed's runners do. */
export type Orders = {
  verdict: 'go' | 'pause' | 'end'
  pace: Pace
}

/** What is read of the feeds. A name may be the alias `live`. */
export type FeedReader = {
  list(options: {
    limit: number
    cursor?: string
    kinds?: readonly FeedKind[]
    state?: FeedState
  }): Promise<FeedPage>
  get: (name: string) => Promise<Feed | undefined>
  live(): Promise<Feed | undefined>
  /** Feeds whose state is `running`, those that a producer took up last first. */
  running(limit: number): Promise<Feed[]>
  counts(name: string): Promise<FeedCounts>
  progress(name: string): Promise<FeedProgress>
  /** How many rows had certainly been emitted, and acknowledged by Kinesis, at `ms`; of the last 10 minutes. */
  emittedAsOf(name: string, ms: number): Promise<number>
  /** Undefined when there is no such feed. */
  orders(name: string): Promise<Orders | undefined>
  /** Ranges of all feeds that are to be executed. */
  openRanges(): Promise<{ feed: string; range: number }[]>
}

/** The record of all feeds in Redis. */
export type FeedStore = FeedReader & FeedControl & RangeStore

export function createFeedStore({ redis }: { redis: Redis }): FeedStore {
  const reader = createFeedReader(redis)
  return { ...reader, ...createFeedControl({ redis, get: reader.get }), ...createRangeStore(redis) }
}

function createFeedReader(redis: Redis): FeedReader {
  async function nameOf(name: string): Promise<string | null> {
    return name === 'live' ? redis.get(liveAliasKey()) : name
  }

  async function get(name: string): Promise<Feed | undefined> {
    const resolved = await nameOf(name)
    return resolved === null ? undefined : decodeFeed(resolved, await redis.hgetall(feedKey(resolved)))
  }

  /** Names with the time of their creation, from a place in the index on, newest first. */
  async function namesAfter(cursor: Cursor | undefined): Promise<Cursor[]> {
    const from = cursor === undefined ? '+inf' : cursor.createdAt
    const reply = await redis.zrevrangebyscore(
      feedIndexKey(),
      from,
      '-inf',
      'WITHSCORES',
      'LIMIT',
      0,
      LIST_PAGE,
    )
    const entries = Array.from({ length: reply.length / 2 }, (_, i) => ({
      name: reply[i * 2] ?? '',
      createdAt: Number(reply[i * 2 + 1]),
    }))
    // Of one moment the names come in reverse order.
    return cursor === undefined
      ? entries
      : entries.filter(({ createdAt, name }) => createdAt < cursor.createdAt || name < cursor.name)
  }

  async function doneOf(name: string): Promise<boolean[]> {
    const ranges = Number((await redis.hget(rangesKey(name), 'ranges')) ?? 1)
    const fields = Array.from({ length: ranges }, (_, range) => `${range}:done`)
    return (await redis.hmget(rangesKey(name), ...fields)).map((done) => done !== null)
  }

  return {
    get,
    live: () => get('live'),

    async running(limit) {
      const names = await redis.zrevrange(runningFeedsKey(), 0, limit - 1)
      return (await Promise.all(names.map(get))).filter((feed) => feed !== undefined)
    },

    async list({ limit, cursor, kinds, state }) {
      const feeds: Feed[] = []
      let place = cursor === undefined ? undefined : decodeCursor(cursor)
      for (;;) {
        const names = await namesAfter(place)
        const wanted = names.filter(
          ({ name }) => kinds === undefined || kinds.some((kind) => kindOf(name) === kind),
        )
        const found = await Promise.all(wanted.map(({ name }) => get(name)))
        for (const feed of found) {
          if (feed === undefined || (state !== undefined && feed.state !== state)) continue
          if (feeds.length === limit) return { feeds, nextCursor: encodeCursor(feeds.at(-1)) }
          feeds.push(feed)
        }
        place = names.at(-1)
        if (place === undefined) return { feeds }
      }
    },

    async counts(name) {
      const feed = await nameOf(name)
      if (feed === null) return NO_COUNTS
      const fields = Object.keys(NO_COUNTS) as (keyof FeedCounts)[]
      return toCounts((await redis.hmget(rangesKey(feed), ...fields)).map(Number))
    },

    async progress(name) {
      const hash = await redis.hgetall(rangesKey(name))
      const ranges = Number(hash['ranges'] ?? 1)
      let bytesRead = 0
      let rangesDone = 0
      for (let range = 0; range < ranges; range++) {
        bytesRead += Number(hash[`${range}:bytes`] ?? 0)
        if (hash[`${range}:done`] !== undefined) rangesDone++
      }
      const counts = toCounts(Object.keys(NO_COUNTS).map((field) => Number(hash[field] ?? 0)))
      const preparing = hash['preparing']
      return {
        counts,
        ranges,
        rangesDone,
        bytesRead,
        ...(preparing === undefined ? {} : { preparing: Number(preparing) }),
      }
    },

    async emittedAsOf(name, ms) {
      const feed = await nameOf(name)
      if (feed === null) return 0
      const [entry] = await redis.zrevrangebyscore(emittedTrailKey(feed), ms, '-inf', 'LIMIT', 0, 1)
      return entry === undefined ? 0 : Number(entry.slice(entry.indexOf(':') + 1))
    },

    async orders(name) {
      const feed = await get(name)
      if (feed === undefined) return undefined
      const verdict =
        isOver(feed.state) || feed.ending !== undefined ? 'end' : feed.state === 'paused' ? 'pause' : 'go'
      return { verdict, pace: Value.Parse(Pace, feed.pace) }
    },

    async openRanges() {
      const names = await redis.smembers(openFeedsKey())
      const feeds = (await Promise.all(names.map(get))).filter((feed) => feed !== undefined)
      const executable = feeds
        .filter(({ state }) => state === 'waiting' || state === 'running')
        // Oldest first: a feed that is told to end goes before the one that takes its place.
        .toSorted((a, b) => a.createdAt - b.createdAt)
      const ranges = executable.map(async ({ name }) => {
        const done = await doneOf(name)
        return done.flatMap((isDone, range) => (isDone ? [] : [{ feed: name, range }]))
      })
      return (await Promise.all(ranges)).flat()
    },
  }
}

type Cursor = { name: string; createdAt: number }

const encodeCursor = (feed: Cursor | undefined) =>
  feed === undefined ? '' : `${feed.createdAt}.${feed.name}`

/** One that was not given out begins where its number says, or at the newest feed. */
function decodeCursor(text: string): Cursor | undefined {
  const [, createdAt, name] = /^(\d{1,15})\.([\w-]{1,80})$/.exec(text) ?? []
  return createdAt === undefined || name === undefined ? undefined : { createdAt: Number(createdAt), name }
}
