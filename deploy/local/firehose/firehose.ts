import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { awsChecks } from '../../../lib/aws/dependency-checks.ts'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { RoadpulseError } from '../../../lib/errors.ts'
import { createConsumer } from '../../../lib/kinesis/consumer.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { toConsumerReport } from '../../../lib/process/consumer-report.ts'
import type { ProcessContext, RunningProcess } from '../../../lib/process/lifecycle.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { startPresence } from '../../../lib/process/presence.ts'
import { createReadiness } from '../../../lib/process/probes.ts'
import { VERSION } from '../../../lib/process/version.ts'
import { connectRedis } from '../../../lib/redis/connect.ts'
import { createDeliveryBuffer } from './delivery-buffer.ts'
import type { FirehoseOptions } from './options.ts'
import { rawObjectBytes, rawObjectKey } from './raw-object.ts'

const APPLICATION = 'firehose-standin'
const LEASE_TTL_MS = 5_000
const HEARTBEAT_MS = 1_000
const POLL_INTERVAL_MS = 1_000

const compress = promisify(gzip)

/** Starts the stand-in of Firehose. It checkpoints what is stored, so its death costs duplicates and no record. */
export async function startFirehose(context: ProcessContext<FirehoseOptions>): Promise<RunningProcess> {
  const { options, log, signal } = context
  const metrics = createMetrics('firehose', VERSION)
  const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log, metrics })
  const s3 = createS3Client(options)
  const kinesis = createKinesisClient(options)
  let objects = 0

  async function deliver(records: readonly KinesisRecord[]): Promise<void> {
    const body = await compress(rawObjectBytes(records, options.FIREHOSE_DUPLICATE_SHARE))
    try {
      await s3.send(
        new PutObjectCommand({ Bucket: options.RAW_BUCKET, Key: rawObjectKey(records), Body: body }),
      )
    } catch (error) {
      throw new RoadpulseError('STORE_UNAVAILABLE', 'the raw layer cannot be written', error)
    }
    objects++
    log.debug({ records: records.length, bytes: body.length }, 'object delivered')
  }

  const buffer = createDeliveryBuffer({
    deliver,
    bufferMs: options.FIREHOSE_BUFFER_SECONDS * 1_000,
    bufferBytes: options.FIREHOSE_BUFFER_BYTES,
    clock: systemClock,
  })
  const consumer = createConsumer({
    stream: options.RAW_STREAM,
    workerId: options.WORKER_ID,
    store: createLeaseStore({ redis, application: APPLICATION }),
    kinesis,
    handle: (batch) => buffer.append(batch.records),
    putAside: ({ error }) => Promise.reject(error),
    leaseTtlMs: LEASE_TTL_MS,
    heartbeatMs: HEARTBEAT_MS,
    pollIntervalMs: POLL_INTERVAL_MS,
    clock: systemClock,
    log,
    metrics,
  })

  const readiness = createReadiness(
    { redis: () => redis.ping(), ...awsChecks({ kinesis, s3 }, options.RAW_STREAM, options.RAW_BUCKET) },
    () => signal.aborted,
  )
  const presence = await startPresence(context, {
    kind: 'firehose',
    redis,
    metrics,
    readiness,
    report() {
      const report = toConsumerReport(consumer.status(), systemClock.now())
      return { ...report, progress: { ...report.progress, objects } }
    },
  })
  await consumer.start(signal)

  return {
    done: consumer.done,
    async stop() {
      presence.draining()
      buffer.close()
      await consumer.stop()
      await presence.stop()
      redis.disconnect()
    },
  }
}
