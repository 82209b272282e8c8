import { type Job, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { QUEUE_PREFIX, type RangeJob } from '../../lib/feeds/feed-queue.ts'
import { type Backoff, backoffDelay } from '../../lib/retry.ts'
import type { RangeRun } from './run-range.ts'

/**
 * A producer that dies is noticed when its lock has run out and two checks have passed: within 12 s another one has
 * taken over its range.
 */
const LOCK_MS = 6_000
const STALLED_CHECK_MS = 3_000
/** After an error of the connection BullMQ would wait 15 s before it asks for work again. */
const RECONNECT_MS = 1_000
const BACKOFF: Backoff = { baseMs: 500, maxMs: 10_000 }

/** By which a line of the log can be followed: the feed, its range, and the job of the queue. */
export type RunName = RangeJob & { job: string | undefined }

export type RangeWorker = {
  /** Ranges that this worker executes. */
  holds(): string[]
  /** Lets the run release its range and gives the job back, so that another producer takes it at once. */
  stop(): Promise<void>
}

/** Takes ranges from a queue, so many at a time, and executes them. */
export function startRangeWorker(options: {
  redis: Redis
  queue: string
  concurrency: number
  run: (job: RangeJob, signal: AbortSignal) => Promise<RangeRun>
  /** A range is done: the job of what follows is to be made before this one is gone. */
  onDone: (job: RangeJob, run: Extract<RangeRun, { kind: 'done' }>) => Promise<void>
  /** `run`: of which run, where it is one's. */
  onError: (error: Error, run?: RunName) => void
}): RangeWorker {
  const abort = new AbortController()
  const holds = new Set<string>()

  /** BullMQ tells of no failure of a job whose lock is another's by now, and that is when people ask. */
  async function runTold({ id, data }: Job<RangeJob>): Promise<RangeRun> {
    try {
      return await options.run(data, abort.signal)
    } catch (error) {
      options.onError(error as Error, { ...data, job: id })
      throw error
    }
  }

  async function process(job: Job<RangeJob>, token: string | undefined): Promise<void> {
    const name = `${job.data.feed}/${job.data.range}`
    holds.add(name)
    try {
      const run = await runTold(job)
      if (run.kind === 'done') return await options.onDone(job.data, run)
      if (run.kind === 'idle') return
      await job.moveToWait(token)
      throw new WaitingError()
    } finally {
      holds.delete(name)
    }
  }

  const worker = new Worker<RangeJob>(options.queue, process, {
    connection: options.redis,
    prefix: QUEUE_PREFIX,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // A range may be taken over any number of times.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: RECONNECT_MS,
    settings: { backoffStrategy: (attempt) => Math.round(backoffDelay(attempt, BACKOFF)) },
  })
  worker.on('error', (error) => options.onError(error))

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
