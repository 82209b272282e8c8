/** Reads the whole of a stream, by the library or by a bare loop of GetRecords, and prints what that took. */
import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from '@aws-sdk/client-kinesis'
import { pino } from 'pino'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { systemClock } from '../lib/clock.ts'
import { createConsumer } from '../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../lib/kinesis/lease-store.ts'
import { createMetrics } from '../lib/process/metrics/metrics.ts'
import { connectRedis } from '../lib/redis/connect.ts'

/** CPU: from the first call to the last record. Memory: resident, before the first call and at most. */
export type ReadingFigures = {
  recordsPerSecond: number
  cpuSecondsPer100000: number
  startMiB: number
  peakMiB: number
}

/** Of a stand-in that imposes none. */
const NO_LIMITS = { callsPerSecond: 1e6, bytesPerSecond: 1e12, burstBytes: 1e12 }

const { STREAM = '', APPLICATION = '', REDIS_URL = '', AWS_REGION = '', AWS_ENDPOINT_URL = '' } = process.env
const { READ_AHEAD_BYTES, MAX_BATCH_RECORDS, HANDLE_MS } = process.env
const records = Number(process.env.RECORDS)
const kinesis = createKinesisClient({ AWS_REGION, AWS_ENDPOINT_URL })

const startMiB = process.memoryUsage.rss() / 1_048_576
const startedAt = performance.now()
const cpuBefore = process.cpuUsage()
await (process.argv[2] === 'bare' ? readBare() : readByLibrary())
const seconds = (performance.now() - startedAt) / 1_000
const cpu = process.cpuUsage(cpuBefore)
const figures: ReadingFigures = {
  recordsPerSecond: records / seconds,
  cpuSecondsPer100000: ((cpu.user + cpu.system) / 1e6 / records) * 100_000,
  startMiB,
  peakMiB: process.resourceUsage().maxRSS / 1_024,
}
process.stdout.write(JSON.stringify(figures))
process.exit(0)

async function readBare(): Promise<void> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: STREAM }))
  let seen = 0
  await Promise.all(
    Shards.map(async ({ ShardId }) => {
      let { ShardIterator } = await kinesis.send(
        new GetShardIteratorCommand({ StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      )
      while (seen < records) {
        const reply = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
        seen += reply.Records?.length ?? 0
        ShardIterator = reply.NextShardIterator
      }
    }),
  )
}

async function readByLibrary(): Promise<void> {
  const log = pino({ level: 'error' }, process.stderr)
  const all = Promise.withResolvers<void>()
  let seen = 0
  const consumer = createConsumer({
    stream: STREAM,
    workerId: 'worker',
    store: createLeaseStore({
      redis: connectRedis({ url: REDIS_URL, name: 'bench', log }),
      application: APPLICATION,
    }),
    kinesis,
    async handle(batch) {
      if (HANDLE_MS !== undefined) await systemClock.sleep(Number(HANDLE_MS))
      seen += batch.records.length
      if (seen >= records) all.resolve()
    },
    putAside: ({ error }) => Promise.reject(error),
    leaseTtlMs: 5_000,
    heartbeatMs: 1_000,
    pollIntervalMs: 250,
    readLimits: NO_LIMITS,
    ...(READ_AHEAD_BYTES === undefined ? {} : { readAheadBytes: Number(READ_AHEAD_BYTES) }),
    ...(MAX_BATCH_RECORDS === undefined ? {} : { maxBatchRecords: Number(MAX_BATCH_RECORDS) }),
    clock: systemClock,
    log,
    metrics: createMetrics('bench', '0'),
  })
  await consumer.start(new AbortController().signal)
  await all.promise
  await consumer.stop()
}
