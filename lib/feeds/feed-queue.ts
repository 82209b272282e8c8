import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Feed } from './feed.ts'
import { type FeedStore, ONLY_RANGE } from './feed-store.ts'

/** Live has a queue of its own, so that replays never wait in front of it. */
export const LIVE_QUEUE = 'live'
/** A hash tag: all keys of BullMQ live in one slot. */
export const QUEUE_PREFIX = '{rp-bull}'

/** One range of a feed: the unit of work that some producer executes. */
export type RangeJob = { feed: string; range: number }

/** How many of the newest feeds are looked at for work that got lost. */
const NEWEST_FEEDS = 10

export type FeedQueue = {
  /** Adds the job of a feed that is to be executed; nothing happens when it is there already. */
  ensureJob(feed: Feed): Promise<void>
  /** Adds the jobs of all feeds that are not over: whatever BullMQ may have lost is found again. */
  ensureJobs(store: FeedStore): Promise<void>
  close(): Promise<void>
}

/** The way to hand work to the producers. BullMQ carries the work only: what was done is in the feed store. */
export function createFeedQueue(options: { redis: Redis; onError: (error: Error) => void }): FeedQueue {
  const queue = new Queue<RangeJob>(LIVE_QUEUE, { connection: options.redis, prefix: QUEUE_PREFIX })
  queue.on('error', options.onError)

  async function ensureJob(feed: Feed): Promise<void> {
    await queue.add(
      'range',
      { feed: feed.name, range: ONLY_RANGE },
      {
        jobId: `${feed.name}.${ONLY_RANGE}`,
        // A range is tried until it is done; a feed that cannot be executed is ended by its runner.
        attempts: Number.MAX_SAFE_INTEGER,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
      },
    )
  }

  return {
    ensureJob,
    async ensureJobs(store) {
      const feeds = await store.list(NEWEST_FEEDS)
      const open = feeds.filter(
        ({ kind, state }) => kind === 'live' && (state === 'waiting' || state === 'running'),
      )
      // Oldest first: a feed that is told to end goes before the one that takes its place.
      for (const feed of open.toReversed()) await ensureJob(feed)
    },
    close: () => queue.close(),
  }
}
