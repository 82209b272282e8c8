import { awsChecks } from '../../lib/aws/dependency-checks.ts'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { createDeadLetterStore, type DeadLetterStore } from '../../lib/dead-letters/dead-letter-store.ts'
import { describeError, RoadpulseError } from '../../lib/errors.ts'
import { decodeEnvelope } from '../../lib/events/envelope.ts'
import { createInsightStore } from '../../lib/insights/insight-store.ts'
import { foldMinutes } from '../../lib/insights/minute-folder.ts'
import { createConsumer } from '../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../lib/kinesis/lease-store.ts'
import { createS3BackupStore } from '../../lib/kinesis/s3-backup-store.ts'
import { toConsumerReport } from '../../lib/process/consumer-report.ts'
import type { ProcessContext, RunningProcess } from '../../lib/process/lifecycle.ts'
import { createMetrics } from '../../lib/process/metrics/metrics.ts'
import { startPresence } from '../../lib/process/presence.ts'
import { createReadiness } from '../../lib/process/probes.ts'
import { VERSION } from '../../lib/process/version.ts'
import { connectRedis } from '../../lib/redis/connect.ts'
import { handleBatch } from './handle-batch.ts'
import type { ConsumerWorkerOptions } from './options.ts'
import { createUnknownTypes } from './unknown-types.ts'

const FOLD_INTERVAL_MS = 600_000

/** Starts a consumer of the processed events. */
export async function startConsumerWorker(
  context: ProcessContext<ConsumerWorkerOptions>,
): Promise<RunningProcess> {
  const { options, log, signal } = context
  if (options.LEASE_HEARTBEAT_MS * 3 > options.LEASE_TTL_MS) {
    throw new RoadpulseError('CONFIGURATION', 'LEASE_HEARTBEAT_MS must be at most a third of LEASE_TTL_MS')
  }
  const clock = systemClock
  const metrics = createMetrics('consumer', VERSION)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log, metrics })
  const s3 = createS3Client(options)
  // The consumer repeats its calls itself, at the pace of the shards: it must know of each throttle.
  const kinesis = createKinesisClient(options, { maxAttempts: 1 })
  const stored = createDeadLetterStore({ s3, bucket: options.DEAD_LETTER_BUCKET, clock })
  /** What this worker could not handle; what Flink refused is no failure of its own. */
  let putAside = 0
  const deadLetters: DeadLetterStore = {
    async put(letters) {
      await stored.put(letters)
      putAside += letters.filter(({ origin }) => origin === 'handler').length
    },
  }
  const unknownTypes = createUnknownTypes({ log, clock })
  const handling = { insights: createInsightStore(redis), deadLetters, unknownTypes, clock, metrics, log }

  const consumer = createConsumer({
    stream: options.PROCESSED_STREAM,
    workerId: options.WORKER_ID,
    store: createLeaseStore({ redis, application: options.CONSUMER_APPLICATION }),
    kinesis,
    handle: (batch) => handleBatch(batch, handling),
    async putAside({ shardId, epoch, record, error }) {
      const { data: bytes, sequenceNumber, subSequenceNumber } = record
      const reason = describeError(error)
      const place = {
        shardId,
        epoch,
        sequenceNumber,
        ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
      }
      await deadLetters.put([{ origin: 'handler', reason, bytes, ...place }])
      metrics.counter('dead_letters_total').inc({ origin: 'handler' })
      const decoded = decodeEnvelope(bytes)
      const event = 'envelope' in decoded ? decoded.envelope : undefined
      log.error(
        { shard: shardId, epoch, sequenceNumber, subSequenceNumber, feed: event?.feed, id: event?.id },
        'record is in the dead letters',
      )
    },
    // The insights are in the same Redis as the leases: what one has lost, the other has, too.
    backup: {
      store: createS3BackupStore({
        s3,
        bucket: options.DEAD_LETTER_BUCKET,
        key: `checkpoints/${options.CONSUMER_APPLICATION}.json`,
      }),
      onEmptyStore: 'trim-horizon',
    },
    leaseTtlMs: options.LEASE_TTL_MS,
    heartbeatMs: options.LEASE_HEARTBEAT_MS,
    pollIntervalMs: options.SHARD_POLL_INTERVAL_MS,
    readAheadBytes: options.READ_AHEAD_BYTES,
    lanesPerShard: options.LANES_PER_SHARD,
    maxBatchRecords: options.MAX_BATCH_RECORDS,
    clock,
    log,
    metrics,
  })

  async function foldPeriodically(): Promise<void> {
    while (!signal.aborted) {
      try {
        const minutes = await foldMinutes(redis, clock.now())
        if (minutes > 0) log.info({ minutes }, 'minutes folded into hours')
      } catch (error) {
        log.warn({ error: describeError(error) }, 'minutes not folded into hours')
      }
      await clock.sleep(FOLD_INTERVAL_MS, signal)
    }
  }

  const readiness = createReadiness(
    {
      redis: () => redis.ping(),
      ...awsChecks({ kinesis, s3 }, options.PROCESSED_STREAM, options.DEAD_LETTER_BUCKET),
    },
    () => signal.aborted,
  )
  const presence = await startPresence(context, {
    kind: 'consumer',
    redis,
    metrics,
    readiness,
    report() {
      const report = toConsumerReport(consumer.status(), clock.now())
      return { ...report, progress: { ...report.progress, putAside } }
    },
  })
  await consumer.start(signal)
  void foldPeriodically()

  return {
    done: consumer.done,
    async stop() {
      presence.draining()
      await consumer.stop()
      await presence.stop()
      redis.disconnect()
    },
  }
}
