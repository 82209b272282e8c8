import type { FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import { createKinesisClient, createS3Client } from '../lib/aws/clients.ts'
import { awsChecks } from '../lib/aws/dependency-checks.ts'
import { systemClock } from '../lib/clock.ts'
import { RoadpulseError } from '../lib/errors.ts'
import { createFeedStore, type FeedStore } from '../lib/feeds/feed-store.ts'
import { createInsightReader, type InsightReader } from '../lib/insights/insight-reader.ts'
import { readRebuiltSince } from '../lib/kinesis/lease-store.ts'
import { readShardTable } from '../lib/kinesis/shard-table.ts'
import { readHeartbeats } from '../lib/process/heartbeat.ts'
import { type ProcessContext, type RunningProcess, runProcess } from '../lib/process/lifecycle.ts'
import { createMetrics } from '../lib/process/metrics.ts'
import { startPresence } from '../lib/process/presence.ts'
import { createReadiness } from '../lib/process/probes.ts'
import { VERSION } from '../lib/process/version.ts'
import { connectRedis } from '../lib/redis/connect.ts'
import { buildApp } from './app.ts'
import { describeFleet } from './fleet/fleet.ts'
import { createEventHub } from './live/event-hub.ts'
import { startSnapshotLoop } from './live/snapshot-loop.ts'
import { createSnapshotReader, type Snapshot } from './live/snapshot-reader.ts'
import { type ApiOptions, apiOptions, assertLoopback } from './options.ts'
import { BrokenSince, createBrokenSinceStore } from './pipeline/broken-since.ts'
import { createPipelineReader } from './pipeline/pipeline-reader.ts'

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
  assertLoopback(options.HTTP_HOST)
  const metrics = createMetrics('api', VERSION)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log })
  const feeds = createFeedStore({ redis })
  const insights = createInsightReader(redis)
  const aws = { kinesis: createKinesisClient(options), s3: createS3Client(options) }
  const readiness = createReadiness(
    { redis: () => redis.ping(), ...awsChecks(aws, options.PROCESSED_STREAM, options.RAW_BUCKET) },
    () => signal.aborted,
  )

  const snapshotDuration = metrics.histogram('snapshot_duration_seconds')
  const snapshots = startSnapshotLoop({
    read: snapshotReader(options, redis, { feeds, insights }),
    onRead: (durationMs) => snapshotDuration.observe(durationMs / 1_000),
    log,
  })
  const hub = createEventHub(snapshots)
  const clients = metrics.gauge('event_stream_clients')
  let snapshotsRead = 0
  snapshots.subscribe(() => {
    snapshotsRead++
    clients.set(hub.size)
  })

  const app = await buildApp({ log, metrics, readiness, feeds, insights, snapshots, hub })
  const address = await listen(app, options.HTTP_HOST, options.HTTP_PORT)
  log.info({ address }, 'page and api are open')
  const presence = await startPresence(context, {
    kind: 'api',
    redis,
    metrics,
    readiness,
    report: () => ({ holds: [], progress: { snapshots: snapshotsRead } }),
  })

  return {
    done: new Promise(() => {}),
    async stop() {
      presence.draining()
      hub.close()
      await app.close()
      await Promise.race([presence.stop(), systemClock.sleep(GOODBYE_DEADLINE_MS)])
      // Commands that wait for a Redis that is away fail now, and with them the reading that the loop is in.
      redis.disconnect()
      await snapshots.stop()
    },
  }
}

function snapshotReader(
  options: ApiOptions,
  redis: Redis,
  stores: { feeds: FeedStore; insights: InsightReader },
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
