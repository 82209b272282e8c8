import { MergeShardsCommand, PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { RoadpulseError } from '../../../lib/errors.ts'
import { type Consumer, type ConsumerOptions, createConsumer } from '../../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { encodeAggregate } from '../../support/encode-aggregate.ts'
import { startKinesalite, startRedis } from '../../support/servers.ts'
import { createStream, putTexts, waitUntilActive } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const { url } = await startRedis(t)
const { endpoint } = await startKinesalite(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })
const log = pino({ level: 'silent' })
const signal = new AbortController().signal

type Seen = { shardId: string; epoch: number; text: string }

/** A consumer of an application of its own; `seen` is what its handler was given. */
async function startConsumer(
  t: Test,
  stream: string,
  options: Partial<ConsumerOptions> = {},
): Promise<{ consumer: Consumer; seen: Seen[] }> {
  const seen: Seen[] = []
  const consumer = createConsumer({
    stream,
    workerId: 'worker',
    store: createLeaseStore({ redis, application: stream }),
    kinesis,
    async handle({ shardId, epoch, records }) {
      for (const record of records) seen.push({ shardId, epoch, text: Buffer.from(record.data).toString() })
    },
    putAside: ({ error }) => Promise.reject(error),
    leaseTtlMs: 1_000,
    heartbeatMs: 200,
    pollIntervalMs: 200,
    clock: systemClock,
    log,
    metrics: createMetrics('test', '0'),
    ...options,
  })
  await consumer.start(signal)
  t.teardown(() => consumer.stop())
  return { consumer, seen }
}

async function waitForTexts(seen: readonly Seen[], texts: readonly string[]): Promise<void> {
  let missing = texts
  const look = () => {
    const handled = new Set(seen.map(({ text }) => text))
    missing = texts.filter((text) => !handled.has(text))
    return missing.length === 0
  }
  await waitFor(`${texts.length} records are handled`, look, {
    deadlineMs: 15_000,
    intervalMs: 10,
    describe: () => ({ missing: missing.length, first: missing[0] }),
  })
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

t.test('records are lost or overtake each other when shards are split and merged', async (t) => {
  const stream = 'resharded'
  await createStream(kinesis, stream, 2)
  const { seen } = await startConsumer(t, stream)
  const keyOf = (text: string) => `key-${Number(text.split('-')[1]) % 20}`
  const texts: string[] = []
  const put = async (prefix: string) => {
    const more = numbered(prefix, 200)
    texts.push(...more)
    await putTexts(kinesis, stream, more, keyOf)
  }

  await put('a')
  const half = (2n ** 126n).toString()
  await kinesis.send(
    new SplitShardCommand({
      StreamName: stream,
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: half,
    }),
  )
  await put('b')
  await waitUntilActive(kinesis, stream)
  await put('c')
  await kinesis.send(
    new MergeShardsCommand({
      StreamName: stream,
      ShardToMerge: 'shardId-000000000003',
      AdjacentShardToMerge: 'shardId-000000000001',
    }),
  )
  await put('d')
  await waitUntilActive(kinesis, stream)
  await put('e')

  await waitForTexts(seen, texts)
  t.equal(seen.length, texts.length, 'each once')
  for (let key = 0; key < 20; key++) {
    const ofKey = (text: string) => keyOf(text) === `key-${key}`
    t.strictSame(seen.map(({ text }) => text).filter(ofKey), texts.filter(ofKey), `in order: key ${key}`)
  }
  const ended = (await readShardTable(redis, stream)).filter(({ checkpoint }) => checkpoint === 'SHARD_END')
  t.strictSame(
    ended.map(({ shardId }) => shardId),
    ['shardId-000000000000', 'shardId-000000000001', 'shardId-000000000003'],
  )
})

t.test('the checkpoint of a shard stays behind what was handled', async (t) => {
  const stream = 'checkpointed'
  await createStream(kinesis, stream, 1)
  const handled: string[] = []
  await startConsumer(t, stream, {
    async handle({ records }) {
      handled.push(...records.map(({ sequenceNumber }) => sequenceNumber))
    },
  })
  for (let round = 1; round <= 3; round++) {
    await putTexts(kinesis, stream, numbered(`round-${round}`, 10))
    await waitFor('they are handled', () => handled.length === round * 10, { deadlineMs: 5_000 })
    const isCheckpointed = async () => (await readShardTable(redis, stream))[0]?.checkpoint === handled.at(-1)
    await waitFor('the checkpoint follows', isCheckpointed, { deadlineMs: 5_000 })
  }
})

t.test('a poison record is skipped silently, or takes its neighbours with it', async (t) => {
  const stream = 'poisoned'
  await createStream(kinesis, stream, 1)
  const texts = [...numbered('good', 20), 'poison', ...numbered('better', 20)]
  await putTexts(kinesis, stream, texts, () => 'one key')
  const seen: string[] = []
  const aside: { text: string; shardId: string; epoch: number; message: string }[] = []
  let isStoreDown = true
  const { consumer } = await startConsumer(t, stream, {
    async handle({ records }) {
      const batch = records.map((record) => Buffer.from(record.data).toString())
      if (batch.includes('poison')) throw new Error('cannot digest')
      seen.push(...batch)
    },
    async putAside({ record, shardId, epoch, error }) {
      if (isStoreDown) throw new RoadpulseError('DEAD_LETTER_STORE_DOWN', 'no bucket')
      const text = Buffer.from(record.data).toString()
      aside.push({ text, shardId, epoch, message: (error as Error).message })
    },
  })
  await waitFor('the shard says that it waits', () => consumer.status().shards[0]?.state === 'waiting', {
    deadlineMs: 15_000,
  })
  t.match(consumer.status().shards, [{ shardId: 'shardId-000000000000', reason: 'no bucket' }])
  t.notOk(seen.includes('better-0'), 'it stands still')
  isStoreDown = false
  await waitFor('the rest is handled', () => seen.includes('better-19'), { deadlineMs: 15_000 })
  t.match(aside, [
    { text: 'poison', shardId: 'shardId-000000000000', epoch: Number, message: 'cannot digest' },
  ])
  t.strictSame(
    seen,
    texts.filter((text) => text !== 'poison'),
  )
})

t.test('a worker that cannot renew goes on handling until another has taken over', async (t) => {
  const stream = 'fenced'
  await createStream(kinesis, stream, 1)
  const store = createLeaseStore({ redis, application: stream })
  const isCut = Promise.withResolvers<void>()
  let isPartitioned = false
  const handed = Promise.withResolvers<AbortSignal>()
  const { consumer } = await startConsumer(t, stream, {
    workerId: 'cut off',
    store: {
      ...store,
      renew: async (...call) => {
        if (isPartitioned) await isCut.promise
        return store.renew(...call)
      },
    },
    async handle({ signal }) {
      handed.resolve(signal)
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  })
  await putTexts(kinesis, stream, ['text'])
  const fence = await handed.promise
  isPartitioned = true
  const before = await readShardTable(redis, stream)
  t.match(before, [{ owner: 'cut off' }])
  await waitFor('its handler is told', () => fence.aborted, { deadlineMs: 5_000, intervalMs: 1 })
  t.match(await readShardTable(redis, stream), [{ owner: 'cut off' }], 'before its lease has run out')
  const { seen } = await startConsumer(t, stream, { workerId: 'next' })
  await waitForTexts(seen, ['text'])
  t.ok((seen[0]?.epoch ?? 0) > (before[0]?.epoch ?? 0))
  isCut.resolve()
  t.ok(consumer.status().records === 0, 'it has acknowledged nothing')
})

t.test('a shard that comes back meets its own handler still at work on it', async (t) => {
  const stream = 'back'
  await createStream(kinesis, stream, 1)
  const store = createLeaseStore({ redis, application: stream })
  const epochs: number[] = []
  const firstIsDone = Promise.withResolvers<void>()
  let isPartitioned = false
  let heartbeats = 0
  const { consumer } = await startConsumer(t, stream, {
    store: {
      ...store,
      async renew(...call) {
        heartbeats++
        if (isPartitioned) throw new Error('cut off')
        return store.renew(...call)
      },
    },
    async handle({ epoch }) {
      epochs.push(epoch)
      if (epochs.length === 1) await firstIsDone.promise
    },
  })
  await putTexts(kinesis, stream, ['text'])
  await waitFor('the handler is at work', () => epochs.length === 1, { deadlineMs: 5_000 })
  isPartitioned = true
  const isReleased = async () => (await readShardTable(redis, stream))[0]?.owner === undefined
  await waitFor('the lease has run out', isReleased, { deadlineMs: 5_000, intervalMs: 5 })
  isPartitioned = false
  const isBack = async () => ((await readShardTable(redis, stream))[0]?.epoch ?? 0) > (epochs[0] ?? 0)
  await waitFor('the lease is back', isBack, { deadlineMs: 5_000, intervalMs: 5 })
  const heartbeatsThen = heartbeats
  await waitFor('it is renewed a few times', () => heartbeats > heartbeatsThen + 2, { deadlineMs: 5_000 })
  t.equal(epochs.length, 1, 'the second waits for the first')
  firstIsDone.resolve()
  await waitFor('it comes again', () => epochs.length === 2, { deadlineMs: 5_000 })
  await waitFor('and is done', () => consumer.status().records === 1, { deadlineMs: 5_000 })
})

t.test('an emptied Redis leaves a worker idle, or at a place that it does not know', async (t) => {
  const stream = 'emptied'
  await createStream(kinesis, stream, 2)
  const { seen } = await startConsumer(t, stream)
  const texts = numbered('text', 50)
  await putTexts(kinesis, stream, texts)
  await waitForTexts(seen, texts)
  const count = seen.length
  await redis.flushall()
  await waitFor('all is read from the oldest record again', () => seen.length === 2 * count, {
    deadlineMs: 10_000,
  })
  await waitForTexts(seen.slice(count), texts)
})

t.test('a stream that does not exist is taken for an empty one', async (t) => {
  await t.rejects(startConsumer(t, 'missing'), { code: 'STREAM_MISSING' })
})

t.test('a worker of an application that reads another stream waits for ever', async (t) => {
  const store = createLeaseStore({ redis, application: 'bound' })
  await store.bindStream('one')
  await createStream(kinesis, 'another', 1)
  await t.rejects(startConsumer(t, 'another', { store }), { code: 'CONFIGURATION' })
})

t.test(
  'an application that wishes for the latest record is given older ones, or loses newer ones',
  async (t) => {
    const stream = 'latest'
    await createStream(kinesis, stream, 1)
    await putTexts(kinesis, stream, ['old'])
    const { consumer } = await startConsumer(t, stream, { startAt: 'LATEST' })
    const isReading = () => consumer.status().shards.length === 1
    await waitFor('the shard is read', isReading, { deadlineMs: 5_000, intervalMs: 5 })
    await consumer.stop()
    await putTexts(kinesis, stream, ['meanwhile'])
    const [checkpoint] = (await createLeaseStore({ redis, application: stream }).readCheckpoints()).values()
    const wishedAt = Number(checkpoint?.split(':')[1])
    // The next worker comes when the wish is old.
    const clock = { ...systemClock, now: () => Math.max(Date.now(), wishedAt + 60_000) }
    const { seen } = await startConsumer(t, stream, { startAt: 'LATEST', clock })
    await putTexts(kinesis, stream, ['new'])
    await waitForTexts(seen, ['meanwhile', 'new'])
    t.equal(seen.length, 2)
  },
)

t.test('a worker that ends inside an aggregate repeats what was done of it, or loses the rest', async (t) => {
  const stream = 'aggregated'
  await createStream(kinesis, stream, 1)
  const put = (Data: Uint8Array) =>
    kinesis.send(new PutRecordsCommand({ StreamName: stream, Records: [{ Data, PartitionKey: 'a' }] }))
  const damaged = Buffer.from('84mawgoBaxoGCAAaAm9rGg0IBxoJYmFkIGluZGV4+NEEwlbeAyyZelnannENmA==', 'base64')
  const texts = numbered('part', 10)
  await put(encodeAggregate(texts.map((text) => ({ partitionKey: 'key', data: Buffer.from(text) }))))
  await put(damaged)
  await put(Buffer.from('alone'))

  const { consumer } = await startConsumer(t, stream, {
    async handle({ records }) {
      if (records.some(({ data }) => Buffer.from(data).toString() === 'part-4')) throw new Error('poison')
    },
    putAside: () => Promise.reject(new RoadpulseError('DEAD_LETTER_STORE_DOWN', 'no bucket')),
  })
  const isWaiting = () => consumer.status().shards[0]?.state === 'waiting'
  await waitFor('it waits inside', isWaiting, { deadlineMs: 15_000 })
  await consumer.stop()
  const [row] = await readShardTable(redis, stream)
  t.match(row?.checkpoint, /^\d+:3$/)

  const aside: { bytes: Uint8Array; code: string }[] = []
  const { seen } = await startConsumer(t, stream, {
    async putAside({ record, error }) {
      aside.push({ bytes: record.data, code: (error as RoadpulseError).code })
    },
  })
  await waitForTexts(seen, ['alone'])
  t.strictSame(
    seen.map(({ text }) => text),
    [...texts.slice(4), 'alone'],
  )
  t.equal(aside.length, 1)
  t.equal(aside[0]?.code, 'RECORD_DAMAGED')
  t.same(Buffer.from(aside[0]?.bytes ?? []), damaged)
})

t.test('a lease that the store has lost stays lost, or comes back at the oldest record', async (t) => {
  const stream = 'hole'
  await createStream(kinesis, stream, 2)
  const store = createLeaseStore({ redis, application: stream })
  const metrics = createMetrics('test', '0')
  // What waits between two looks at the leases waits 50 ms: a minute, or 10 s while something is amiss, by this chance.
  const looks = new Set([54_000, 9_000])
  let looksTaken = 0
  const { seen } = await startConsumer(t, stream, {
    store: {
      ...store,
      readCheckpoints() {
        looksTaken++
        return store.readCheckpoints()
      },
    },
    metrics,
    random: () => 0.4,
    clock: {
      ...systemClock,
      sleep: (ms, signal) => systemClock.sleep(looks.has(ms) ? 50 : ms, signal),
    },
  })
  const texts = numbered('before', 40)
  await putTexts(kinesis, stream, texts)
  await waitForTexts(seen, texts)
  const isCheckpointed = async () => {
    const rows = await readShardTable(redis, stream)
    return rows.every(({ checkpoint }) => /^\d+$/.test(checkpoint))
  }
  await waitFor('both shards have a checkpoint', isCheckpointed, { deadlineMs: 5_000 })
  const checkpoints = await store.readCheckpoints()
  const looksBefore = looksTaken
  await waitFor('they have been seen', () => looksTaken > looksBefore + 1, { deadlineMs: 5_000 })
  await store.forget(['shardId-000000000000'])
  const isRepaired = async () => (await store.readCheckpoints()).size === 2
  await waitFor('the lease is made again', isRepaired, { deadlineMs: 5_000, intervalMs: 5 })
  t.strictSame(await store.readCheckpoints(), checkpoints)
  const more = numbered('after', 40)
  await putTexts(kinesis, stream, more)
  await waitForTexts(seen, more)
  t.equal(seen.length, 80, 'nothing comes again')
  t.equal((await metrics.counter('consumer_lease_repairs_total').get()).values[0]?.value, 1)
})
