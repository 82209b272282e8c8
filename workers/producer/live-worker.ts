import { type Job, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { LIVE_QUEUE, QUEUE_PREFIX, type RangeJob } from '../../lib/feeds/feed-queue.ts'
import { type Backoff, backoffDelay } from '../../lib/retry.ts'
import type { FeedRun } from './run-feed.ts'

/**
 * A producer that dies is noticed when its lock has run out and two checks have passed: within 12 s another one has
 * taken over its range.
 */
const LOCK_MS = 6_000
const STALLED_CHECK_MS = 3_000
/** After an error of the connection BullMQ would wait 15 s before it asks for work again. */
const RECONNECT_MS = 1_000
const BACKOFF: Backoff = { baseMs: 500, maxMs: 10_000 }

export type LiveWorker = {
  /** Ranges that this worker executes. */
  holds(): string[]
  /** Lets the run release its range and gives the job back, so that another producer takes it at once. */
  stop(): Promise<void>
}

/** Takes the live feeds' ranges, one at a time, and executes them. */
export function startLiveWorker(options: {
  redis: Redis
  run: (job: RangeJob, signal: AbortSignal) => Promise<FeedRun>
  /** The feed of the job is over: its successor's job is to be made before this one is gone. */
  onOver: (run: Extract<FeedRun, { kind: 'over' }>) => Promise<void>
  onError: (error: Error) => void
}): LiveWorker {
  const abort = new AbortController()
  const holds = new Set<string>()

  async function process(job: Job<RangeJob>, token: string | undefined): Promise<void> {
    const name = `${job.data.feed}/${job.data.range}`
    holds.add(name)
    try {
      const run = await options.run(job.data, abort.signal)
      if (run.kind === 'over') return await options.onOver(run)
      await job.moveToWait(token)
      throw new WaitingError()
    } finally {
      holds.delete(name)
    }
  }

  const worker = new Worker<RangeJob>(LIVE_QUEUE, process, {
    connection: options.redis,
    prefix: QUEUE_PREFIX,
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // A range may be taken over any number of times.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: RECONNECT_MS,
    settings: { backoffStrategy: (attempt) => Math.round(backoffDelay(attempt, BACKOFF)) },
  })
  worker.on('error', options.onError)
  worker.on('failed', (_job, error) => options.onError(error))

  return {
    holds: () => [...holds],
    async stop() {
      // In this order: a worker that is closing takes no job, so it cannot take back the one that it gives away.
      const closed = worker.close()
      abort.abort()
      await closed
    },
  }
}
