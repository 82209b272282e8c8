import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import { awsChecks } from '../lib/aws/dependency-checks.ts'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { createS3Client } from '../lib/aws/s3-client.ts'
import { systemClock } from '../lib/clock.ts'
import { createDeadLetterReader } from '../lib/dead-letters/dead-letter-reader.ts'
import { RoadpulseError } from '../lib/errors.ts'
import { createFeedQueue } from '../lib/feeds/feed-queue.ts'
import { createFeedStore, type FeedStore } from '../lib/feeds/feed-store.ts'
import { createRecoveries } from '../lib/feeds/recoveries.ts'
import { createInsightReader, type InsightReader } from '../lib/insights/insight-reader.ts'
import { readRebuiltSince } from '../lib/kinesis/lease-store.ts'
import { readShardTable } from '../lib/kinesis/shard-table.ts'
import { readHeartbeats } from '../lib/process/heartbeat.ts'
import { type ProcessContext, type RunningProcess, runProcess } from '../lib/process/lifecycle.ts'
import { createMetrics } from '../lib/process/metrics/metrics.ts'
import { startPresence } from '../lib/process/presence.ts'
import { createReadiness } from '../lib/process/probes.ts'
import { VERSION } from '../lib/process/version.ts'
import { connectRedis } from '../lib/redis/connect.ts'
import { createAccessControl } from './access/access-control.ts'
import { parseAccessTokens } from './access/access-tokens.ts'
import { createSessionCookie } from './access/session-cookie.ts'
import { createSessionStore } from './access/session-store.ts'
import { buildApp } from './app.ts'
import { createDeadLetterService } from './dead-letters/dead-letter-service.ts'
import { describeFleet } from './fleet/fleet.ts'
import { createEventHub } from './live/event-hub.ts'
import { measureLive } from './live/measure-live.ts'
import { startSnapshotLoop } from './live/snapshot-loop.ts'
import { createSnapshotReader, type Snapshot } from './live/snapshot-reader.ts'
import { isLoopback } from './loopback.ts'
import { type ApiOptions, apiOptions, assertLoopback } from './options.ts'
import { BrokenSince, createBrokenSinceStore } from './pipeline/broken-since.ts'
import { createPipelineReader } from './pipeline/pipeline-reader.ts'
import { createReplayService } from './replays/replay-service.ts'
import type { IncidentBoards } from './watchdog/incident-board.ts'
import { createWatching } from './watchdog/watching.ts'

/** A goodbye to a Redis that is away is not worth waiting for. */
const GOODBYE_DEADLINE_MS = 1_000

await runProcess({
  name: 'api',
  summary: 'Answers over HTTP what flows, what runs and what it shows, and serves the operations page.',
  options: apiOptions,
  start,
})

async function start(context: ProcessContext<ApiOptions>): Promise<RunningProcess> {
  const { options, log, signal } = context
  const tokens = parseAccessTokens(options.API_TOKENS)
  assertLoopback(options.HTTP_HOST, tokens.areRequired)
  const isLocal = isLoopback(options.HTTP_HOST)
  const metrics = createMetrics('api', VERSION)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log, metrics })
  const feeds = createFeedStore({ redis })
  const insights = createInsightReader(redis)
  const aws = { kinesis: createKinesisClient(options), s3: createS3Client(options) }
  const readiness = createReadiness(
    { redis: () => redis.ping(), ...awsChecks(aws, options.PROCESSED_STREAM, options.RAW_BUCKET) },
    () => signal.aborted,
  )

  const watching = createWatching(context, { redis, s3: aws.s3, feeds, insights, metrics, readiness })
  const snapshotDuration = metrics.histogram('snapshot_duration_seconds')
  const snapshots = startSnapshotLoop({
    read: snapshotReader(options, redis, { feeds, insights, boards: watching.boards }),
    intervalMs: options.SNAPSHOT_INTERVAL_MS,
    onRead: (durationMs) => snapshotDuration.observe(durationMs / 1_000),
    log,
  })
  const maxClients = options.MAX_EVENT_STREAMS
  const refusedClients = metrics.counter('event_stream_refused_total')
  const hub = createEventHub(snapshots, { maxClients, onRefused: () => refusedClients.inc() })
  measureLive({ metrics, hub, maxClients, snapshots })
  let snapshotsRead = 0
  snapshots.subscribe(() => {
    snapshotsRead++
  })

  const queue = createFeedQueue({ redis, onError: (error) => log.warn({ error }, 'queue of the feeds') })
  const recoveries = createRecoveries(redis)
  const deadLetters = createDeadLetterService({
    s3: aws.s3,
    sourceBucket: options.SOURCE_BUCKET,
    letters: createDeadLetterReader({ s3: aws.s3, bucket: options.DEAD_LETTER_BUCKET }),
    recoveries,
    feeds,
    queue,
  })
  const replays = createReplayService({
    redis,
    feeds,
    queue,
    recoveries,
    freeze: { s3: aws.s3, rawBucket: options.RAW_BUCKET, sourceBucket: options.SOURCE_BUCKET, signal },
  })
  const app = await buildApp({
    log,
    metrics,
    access: createAccessControl({
      tokens,
      sessions: createSessionStore(redis),
      cookie: createSessionCookie({ isSecure: !isLocal }),
    }),
    limits: { requestsPerMinute: options.RATE_LIMIT_PER_MINUTE },
    isLocal,
    ...(options.TRUSTED_PROXIES === undefined ? {} : { trustedProxies: options.TRUSTED_PROXIES }),
    readiness,
    feeds,
    insights,
    replays,
    deadLetters,
    snapshots,
    hub,
    incidents: watching.incidents,
    boards: watching.boards,
  })
  const address = await listen(app, options.HTTP_HOST, options.HTTP_PORT)
  log.info({ address }, 'page and api are open')
  const presence = await startPresence(context, {
    kind: 'api',
    redis,
    metrics,
    readiness,
    report: () => ({ holds: [], progress: { snapshots: snapshotsRead } }),
  })

  const watchdog = watching.start(snapshots)

  return {
    done: new Promise(() => {}),
    async stop() {
      presence.draining()
      hub.close()
      await app.close()
      await watchdog.stop()
      await Promise.race([queue.close(), systemClock.sleep(GOODBYE_DEADLINE_MS)])
      await Promise.race([presence.stop(), systemClock.sleep(GOODBYE_DEADLINE_MS)])
      // Commands that wait for a Redis that is away fail now, and with them the reading that the loop is in.
      redis.disconnect()
      await snapshots.stop()
      await watching.stop()
    },
  }
}

function snapshotReader(
  options: ApiOptions,
  redis: Redis,
  stores: { feeds: FeedStore; insights: InsightReader; boards: IncidentBoards },
): (now: number) => Promise<Snapshot> {
  const brokenSince = new BrokenSince(createBrokenSinceStore(redis))
  return createSnapshotReader({
    ...stores,
    pipeline: createPipelineReader({
      ...stores,
      brokenSince,
      rebuiltSince: () => readRebuiltSince(redis, options.CONSUMER_APPLICATION),
    }),
    async readFleet(now) {
      const [heartbeats, shards] = await Promise.all([
        readHeartbeats(redis),
        readShardTable(redis, options.CONSUMER_APPLICATION),
      ])
      return describeFleet(heartbeats, shards, now)
    },
  })
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new RoadpulseError('PORT_IN_USE', `port ${port} is in use: set HTTP_PORT to another one`, error)
  }
}
