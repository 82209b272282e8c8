/**
 * Counts the records of a stream: `node lib/kinesis/example.ts STREAM REDIS_URL`. Start it as often as you like: the
 * processes share the shards. Ctrl-C hands its shards to the others.
 */
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { systemClock } from '../clock.ts'
import { createConsumer } from './consumer.ts'
import { createLeaseStore } from './lease-store.ts'

const [stream = '', redisUrl = ''] = process.argv.slice(2)
const redis = new Redis(redisUrl)
const nothing = { inc() {}, set() {}, clear() {}, observe() {}, labels: () => nothing }
let count = 0

const consumer = createConsumer({
  stream,
  workerId: `example-${process.pid}`,
  store: createLeaseStore({ redis, application: 'example' }),
  kinesis: new KinesisClient({ requestHandler: new NodeHttpHandler() }),
  async handle({ shardId, records }) {
    count += records.length
    console.log(`${shardId}: ${records.length} records, ${count} in all`)
  },
  putAside: ({ error }) => Promise.reject(error),
  leaseTtlMs: 5_000,
  heartbeatMs: 1_000,
  pollIntervalMs: 250,
  clock: systemClock,
  log: pino({ level: 'warn' }),
  metrics: { counter: () => nothing, gauge: () => nothing, histogram: () => nothing, onScrape() {} },
})
await consumer.start(new AbortController().signal)
process.once('SIGINT', () => void consumer.stop().then(() => redis.disconnect()))
