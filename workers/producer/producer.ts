import { createKinesisClient, createS3Client } from '../../lib/aws/clients.ts'
import { awsChecks } from '../../lib/aws/dependency-checks.ts'
import { isTransient } from '../../lib/aws/is-transient.ts'
import { systemClock } from '../../lib/clock.ts'
import { createDeadLetterStore } from '../../lib/dead-letters/dead-letter-store.ts'
import { hasCode } from '../../lib/errors.ts'
import { createFeedQueue } from '../../lib/feeds/feed-queue.ts'
import { createFeedStore } from '../../lib/feeds/feed-store.ts'
import { createPutPort } from '../../lib/kinesis/put-port.ts'
import { createShardMap } from '../../lib/kinesis/shard-map.ts'
import type { ProcessContext, RunningProcess } from '../../lib/process/lifecycle.ts'
import { createMetrics } from '../../lib/process/metrics.ts'
import { startPresence } from '../../lib/process/presence.ts'
import { createReadiness } from '../../lib/process/probes.ts'
import { VERSION } from '../../lib/process/version.ts'
import { connectRedis } from '../../lib/redis/connect.ts'
import { readLiveFilter, readLivePlan } from './live-plan.ts'
import { startLiveWorker } from './live-worker.ts'
import type { ProducerOptions } from './options.ts'
import { createProducerReport } from './producer-report.ts'
import { type RunFeedOptions, runFeed } from './run-feed.ts'

/** How often the work of feeds that are not over is looked for, and a live source that is not there yet. */
const CHECK_INTERVAL_MS = 5_000

/** Starts a producer: it makes sure that the live feed of its options exists, and executes feeds. */
export async function startProducer(context: ProcessContext<ProducerOptions>): Promise<RunningProcess> {
  const { options, log, signal } = context
  const liveFilter = readLiveFilter(options)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log })
  const s3 = createS3Client(options)
  // The batcher tries again by itself, and only what is left.
  const kinesis = createKinesisClient(options, { maxAttempts: 1 })
  const metrics = createMetrics('producer', VERSION)
  const report = createProducerReport({ metrics, log, clock: systemClock })
  const store = createFeedStore({ redis })
  const queue = createFeedQueue({ redis, onError: report.trouble })
  const shardMap = createShardMap({ kinesis, stream: options.RAW_STREAM, signal, clock: systemClock })
  const run: RunFeedOptions = {
    s3,
    store,
    put: createPutPort(kinesis, options.RAW_STREAM, shardMap),
    shardOf: shardMap.shardOf,
    isTransient,
    maxInFlightBytes: options.PUT_MAX_IN_FLIGHT_BYTES,
    deadLetters: createDeadLetterStore({ s3, bucket: options.DEAD_LETTER_BUCKET, clock: systemClock }),
    unreadableShareLimit: options.UNREADABLE_SHARE_LIMIT,
    clock: systemClock,
    ...report.ofRun,
  }

  /**
   * Creates or resumes the live feed. Only at the start, and when a Redis that was emptied has none: producers with
   * other options must not undo each other.
   */
  async function ensureLiveFeed(): Promise<boolean> {
    const plan = await readLivePlan(s3, options, liveFilter)
    if (plan === undefined) return true
    const feed = await store.ensureLive(plan)
    log.info({ feed: feed.name, state: feed.state, message: feed.message }, 'live feed')
    return true
  }

  const worker = startLiveWorker({
    redis,
    run: (job, stop) => runFeed(run, job, stop),
    async onOver({ outcome, next, error }) {
      if (outcome !== undefined) log.info({ ...outcome, next: next?.name }, 'feed over')
      if (error !== undefined) report.trouble(error)
      if (next !== undefined) await queue.ensureJob(next)
      if (hasCode(error, 'SOURCE_CHANGED')) ensured = false
    },
    onError: report.trouble,
  })

  let ensured = false
  async function keepWorkGoing(): Promise<void> {
    while (!signal.aborted) {
      try {
        ensured &&= options.LIVE_SOURCE === undefined || (await store.live()) !== undefined
        ensured ||= await ensureLiveFeed()
        await queue.ensureJobs(store)
      } catch (error) {
        report.trouble(error)
      }
      await systemClock.sleep(CHECK_INTERVAL_MS, signal)
    }
  }

  const readiness = createReadiness(
    {
      redis: () => redis.ping(),
      ...awsChecks({ kinesis, s3 }, options.RAW_STREAM, options.DEAD_LETTER_BUCKET),
    },
    () => signal.aborted,
  )
  const presence = await startPresence(context, {
    kind: 'producer',
    redis,
    metrics,
    readiness,
    report: () => ({ holds: worker.holds(), ...report.ofHeartbeat() }),
  })
  const working = keepWorkGoing()

  return {
    done: new Promise(() => {}),
    async stop() {
      presence.draining()
      await worker.stop()
      await working
      await queue.close()
      await presence.stop()
      redis.disconnect()
    },
  }
}
