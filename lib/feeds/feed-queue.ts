import { type JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { kindOf } from './feed.ts'
import type { FeedReader } from './feed-store.ts'

/** Live has a queue of its own, so that replays never wait in front of it. */
export const LIVE_QUEUE = 'live'
export const REPLAY_QUEUE = 'replays'
/** A hash tag: all keys of BullMQ live in one slot. */
export const QUEUE_PREFIX = '{rp-bull}'

/** One range of a feed: the unit of work that some producer executes. */
export type RangeJob = { feed: string; range: number }

export type FeedQueue = {
  /** Adds the job of a range that is to be executed; nothing happens when it is there already. */
  ensureJob: (job: RangeJob) => Promise<void>
  /** Adds the jobs of all ranges that are to be executed: whatever BullMQ may have lost is found again. */
  ensureJobs(feeds: Pick<FeedReader, 'openRanges'>): Promise<void>
  close(): Promise<void>
}

/** The way to hand work to the producers. BullMQ carries the work only: what was done is in the feed store. */
export function createFeedQueue(options: { redis: Redis; onError: (error: Error) => void }): FeedQueue {
  const settings = { connection: options.redis, prefix: QUEUE_PREFIX }
  const live = new Queue<RangeJob>(LIVE_QUEUE, settings)
  const replays = new Queue<RangeJob>(REPLAY_QUEUE, settings)
  for (const queue of [live, replays]) queue.on('error', options.onError)

  const isLive = ({ feed }: RangeJob) => kindOf(feed) === 'live'

  return {
    async ensureJob(job) {
      await (isLive(job) ? live : replays).add('range', job, optionsOf(job))
    },
    async ensureJobs(feeds) {
      const open = (await feeds.openRanges()).map((job) => ({
        name: 'range',
        data: job,
        opts: optionsOf(job),
      }))
      await live.addBulk(open.filter(({ data }) => isLive(data)))
      await replays.addBulk(open.filter(({ data }) => !isLive(data)))
    },
    async close() {
      await Promise.all([live.close(), replays.close()])
    },
  }
}

function optionsOf({ feed, range }: RangeJob): JobsOptions {
  return {
    jobId: `${feed}.${range}`,
    // A range is tried until it is done; a feed that cannot be executed is ended by its runner.
    attempts: Number.MAX_SAFE_INTEGER,
    backoff: { type: 'custom' },
    removeOnComplete: true,
    removeOnFail: true,
  }
}
