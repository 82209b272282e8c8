/**
 * A consumer as a process of its own, so that a test can kill it. It takes HANDLE_MS for a batch, and appends to the
 * Redis lists `<APPLICATION>:begun` and `:seen` `epoch worker text` of each record that it begins with and has handled,
 * to `:told` those that it gave up because the shard is no longer its own. While there is a Redis key HELD_BY, its
 * handler does not return.
 */
import { Type } from 'typebox'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { createConsumer } from '../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../lib/kinesis/lease-store.ts'
import { awsOptions, processOptions, redisOptions } from '../../lib/process/common-options.ts'
import { toConsumerReport } from '../../lib/process/consumer-report.ts'
import { runProcess } from '../../lib/process/lifecycle.ts'
import { createMetrics } from '../../lib/process/metrics/metrics.ts'
import { startPresence } from '../../lib/process/presence.ts'
import { VERSION } from '../../lib/process/version.ts'
import { connectRedis } from '../../lib/redis/connect.ts'

await runProcess({
  name: 'consumer-process',
  summary: 'a consumer for tests',
  options: Type.Object({
    ...processOptions,
    ...redisOptions,
    ...awsOptions,
    STREAM: Type.String(),
    APPLICATION: Type.String(),
    LEASE_TTL_MS: Type.Integer(),
    HEARTBEAT_MS: Type.Integer(),
    HANDLE_MS: Type.Integer({ default: 0 }),
    HELD_BY: Type.String({ default: '' }),
  }),
  async start(context) {
    const { options, log, signal } = context
    const metrics = createMetrics('test', VERSION)
    const redis = connectRedis({ url: options.REDIS_URL, name: options.WORKER_ID, log })
    const consumer = createConsumer({
      stream: options.STREAM,
      workerId: options.WORKER_ID,
      store: createLeaseStore({ redis, application: options.APPLICATION }),
      kinesis: createKinesisClient(options),
      async handle({ epoch, records, signal }) {
        const lines = records.map(
          (record) => `${epoch} ${options.WORKER_ID} ${Buffer.from(record.data).toString()}`,
        )
        if (options.HANDLE_MS > 0) {
          await redis.rpush(`${options.APPLICATION}:begun`, ...lines)
          await systemClock.sleep(options.HANDLE_MS, signal)
        }
        while (options.HELD_BY !== '' && (await redis.exists(options.HELD_BY)) > 0) {
          await systemClock.sleep(options.HEARTBEAT_MS, signal)
        }
        // It returns as if all were done: what a fenced owner acknowledges must not count.
        await redis.rpush(`${options.APPLICATION}:${signal.aborted ? 'told' : 'seen'}`, ...lines)
      },
      putAside: ({ error }) => Promise.reject(error),
      leaseTtlMs: options.LEASE_TTL_MS,
      heartbeatMs: options.HEARTBEAT_MS,
      pollIntervalMs: 200,
      clock: systemClock,
      log,
      metrics,
    })
    const presence = await startPresence(context, {
      kind: 'consumer',
      redis,
      metrics,
      readiness: async () => ({ status: 'ok', checks: {} }),
      report: () => toConsumerReport(consumer.status(), systemClock.now()),
    })
    await consumer.start(signal)
    return {
      done: consumer.done,
      async stop() {
        await consumer.stop()
        await presence.stop()
        redis.disconnect()
      },
    }
  },
})
