import { awsChecks } from '../../lib/aws/dependency-checks.ts'
import { isTransient } from '../../lib/aws/is-transient.ts'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { createDeadLetterStore } from '../../lib/dead-letters/dead-letter-store.ts'
import { hasCode } from '../../lib/errors.ts'
import { isOver, kindOf } from '../../lib/feeds/feed.ts'
import { createFeedQueue, LIVE_QUEUE, type RangeJob, REPLAY_QUEUE } from '../../lib/feeds/feed-queue.ts'
import { createFeedStore } from '../../lib/feeds/feed-store.ts'
import { createRateBucket } from '../../lib/feeds/rate-bucket.ts'
import { createRecoveries } from '../../lib/feeds/recoveries.ts'
import { createReplayBudget } from '../../lib/feeds/replay-budget.ts'
import { createPutPort } from '../../lib/kinesis/put-port.ts'
import { createShardMap } from '../../lib/kinesis/shard-map.ts'
import type { ProcessContext, RunningProcess } from '../../lib/process/lifecycle.ts'
import { createMetrics } from '../../lib/process/metrics/metrics.ts'
import { startPresence } from '../../lib/process/presence.ts'
import { createReadiness } from '../../lib/process/probes.ts'
import { VERSION } from '../../lib/process/version.ts'
import { connectRedis } from '../../lib/redis/connect.ts'
import { readLiveFilter, readLivePlan } from './live-plan.ts'
import { createMarkRecovered } from './mark-recovered.ts'
import type { ProducerOptions } from './options.ts'
import { createProducerReport } from './producer-report.ts'
import { startRangeWorker } from './range-worker.ts'
import { type RangeRun, type RunRangeOptions, runRange } from './run-range.ts'

/** How often the work of feeds that are not over is looked for, and a live source that is not there yet. */
const CHECK_INTERVAL_MS = 5_000
const LIVE_AT_ONCE = 1
/** Replays share what they may take of the stream, and a paced one mostly waits. */
const REPLAYS_AT_ONCE = 2

/** Starts a producer: it makes sure that the live feed of its options exists, and executes feeds. */
export async function startProducer(context: ProcessContext<ProducerOptions>): Promise<RunningProcess> {
  const { options, log, signal } = context
  const liveFilter = readLiveFilter(options)
  const metrics = createMetrics('producer', VERSION)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log, metrics })
  const s3 = createS3Client(options)
  // The batcher tries again by itself, and only what is left.
  const kinesis = createKinesisClient(options, { maxAttempts: 1 })
  const report = createProducerReport({
    metrics,
    slots: { live: LIVE_AT_ONCE, replay: REPLAYS_AT_ONCE },
    maxInFlightBytes: options.PUT_MAX_IN_FLIGHT_BYTES,
    log,
    clock: systemClock,
  })
  const store = createFeedStore({ redis })
  const queue = createFeedQueue({ redis, onError: report.trouble })
  const shardMap = createShardMap({ kinesis, stream: options.RAW_STREAM, signal, clock: systemClock })
  const recoveries = createRecoveries(redis)

  const run: RunRangeOptions = {
    s3,
    store,
    put: createPutPort(kinesis, options.RAW_STREAM, shardMap),
    shardOf: shardMap.shardOf,
    putProcessed: createPutPort(kinesis, options.PROCESSED_STREAM),
    onRecovered: createMarkRecovered({
      s3,
      bucket: options.DEAD_LETTER_BUCKET,
      onUnknown: report.trouble,
      clock: systemClock,
    }),
    isTransient,
    sourceBucket: options.SOURCE_BUCKET,
    maxInFlightBytes: options.PUT_MAX_IN_FLIGHT_BYTES,
    deadLetters: createDeadLetterStore({ s3, bucket: options.DEAD_LETTER_BUCKET, clock: systemClock }),
    rangeBytes: options.RANGE_BYTES,
    newReplayBudget: () =>
      createReplayBudget({
        redis,
        share: options.REPLAY_SHARE,
        openShards: shardMap.openShards,
        onWait: report.replaysWait,
        clock: systemClock,
      }),
    rateBucketOf: (feed) => createRateBucket({ redis, feed }),
    onDivided: queue.ensureJob,
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

  const runJob = (job: RangeJob, stop: AbortSignal) => runRange(run, job, stop)

  async function onDone({ feed }: RangeJob, done: Extract<RangeRun, { kind: 'done' }>): Promise<void> {
    const { feed: state, message, next, error } = done
    report.ended(feed, state)
    if (isOver(state)) log.info({ feed, state, message, next }, 'feed over')
    if (isOver(state) && kindOf(feed) === 'recovery') await recoveries.release(feed)
    if (error !== undefined) report.trouble(error)
    if (next !== undefined) await queue.ensureJob({ feed: next, range: 0 })
    if (hasCode(error, 'SOURCE_CHANGED')) ensured = false
  }

  const slots = { redis, run: runJob, onDone, onError: report.trouble }
  const workers = [
    startRangeWorker({ ...slots, queue: LIVE_QUEUE, concurrency: LIVE_AT_ONCE }),
    startRangeWorker({ ...slots, queue: REPLAY_QUEUE, concurrency: REPLAYS_AT_ONCE }),
  ]

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
    report: () => ({ holds: workers.flatMap((worker) => worker.holds()), ...report.ofHeartbeat() }),
  })
  const working = keepWorkGoing()

  return {
    done: new Promise(() => {}),
    async stop() {
      presence.draining()
      await Promise.all(workers.map((worker) => worker.stop()))
      await working
      await queue.close()
      await presence.stop()
      redis.disconnect()
    },
  }
}
