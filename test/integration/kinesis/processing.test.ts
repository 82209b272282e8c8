import { GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type Consumer, type ConsumerOptions, createConsumer } from '../../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { startingPosition } from '../../../lib/kinesis/starting-position.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { startKinesalite, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const DEADLINE = { deadlineMs: 15_000, intervalMs: 10 }

const { url } = await startRedis(t)
const { endpoint } = await startKinesalite(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })

type Handling = Pick<ConsumerOptions, 'handle'> & Partial<ConsumerOptions>

/** A worker of the application that has the name of its stream. */
async function startConsumer(t: Test, stream: string, options: Handling): Promise<Consumer> {
  const consumer = createConsumer({
    stream,
    workerId: 'worker',
    store: createLeaseStore({ redis, application: stream }),
    kinesis,
    putAside: ({ error }) => Promise.reject(error),
    leaseTtlMs: 1_000,
    heartbeatMs: 200,
    pollIntervalMs: 200,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    metrics: createMetrics('test', '0'),
    ...options,
  })
  await consumer.start(new AbortController().signal)
  t.teardown(() => consumer.stop())
  return consumer
}

const textsOf = (records: readonly { data: Uint8Array }[]) =>
  records.map(({ data }) => Buffer.from(data).toString())

/** `3.17`: the record with the number 17, of the key 3. Each key has as many as any other. */
const keyed = (keys: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${i % keys}.${Math.floor(i / keys)}`)
const keyOf = (text: string) => text.split('.')[0] ?? ''

t.test(
  'a poison record takes other lanes with it, is passed while it cannot be stored, or keys lose their order',
  async (t) => {
    const stream = 'lanes'
    await createStream(kinesis, stream, 1)
    const texts = keyed(5, 500)
    const poison = '3.40'
    const handled: string[] = []
    const aside: string[] = []
    let isStoreDown = true
    const consumer = await startConsumer(t, stream, {
      lanesPerShard: 4,
      maxBatchRecords: 10,
      async handle({ records }) {
        const batch = textsOf(records)
        await systemClock.sleep(Math.random() * 4)
        if (batch.includes(poison)) throw new Error('cannot digest')
        handled.push(...batch)
      },
      async putAside({ record }) {
        if (isStoreDown) throw new Error('no bucket')
        aside.push(...textsOf([record]))
      },
    })
    await putTexts(kinesis, stream, texts, keyOf)

    const waiting = () => consumer.status().shards[0]?.state === 'waiting'
    await waitFor('the shard waits for the dead letters', waiting, DEADLINE)
    t.match(consumer.status().shards, [{ reason: 'no bucket' }])
    const others = texts.filter((text) => keyOf(text) !== '3').length
    const othersDone = () => handled.filter((text) => keyOf(text) !== '3').length
    // A neighbour in the lane of the poison record waits with it; of five keys on four lanes, three are elsewhere.
    await waitFor('other lanes go on', () => othersDone() >= others / 2, DEADLINE)
    const checkpointed = async () => (await recordsAfter(stream)).length < texts.length
    await waitFor('a checkpoint is written', checkpointed, DEADLINE)
    t.ok((await recordsAfter(stream)).includes(poison), 'the checkpoint stays before it')

    isStoreDown = false
    await waitFor('all are handled', () => handled.length === texts.length - 1, {
      ...DEADLINE,
      describe: () => handled.length,
    })
    t.strictSame(aside, [poison])
    for (const key of ['0', '1', '2', '3', '4']) {
      t.strictSame(
        handled.filter((text) => keyOf(text) === key),
        texts.filter((text) => keyOf(text) === key && text !== poison),
        'each once, in the order of its key',
      )
    }
    await consumer.stop()
    t.strictSame(await recordsAfter(stream), [], 'and the next owner has nothing to do')
  },
)

t.test(
  'a handler that hangs goes unseen, holds the other shards up, or is passed by a checkpoint',
  async (t) => {
    const stream = 'hanging'
    await createStream(kinesis, stream, 2)
    const metrics = createMetrics('test', '0')
    const goOn = Promise.withResolvers<void>()
    const texts = keyed(40, 200)
    const handled: string[] = []
    let hangingShard = ''
    const consumer = await startConsumer(t, stream, {
      metrics,
      stuckAfterMs: 300,
      maxBatchRecords: 5,
      async handle({ shardId, records }) {
        const batch = textsOf(records)
        if (batch.includes('7.3')) {
          hangingShard = shardId
          await goOn.promise
        }
        handled.push(...batch)
      },
    })
    t.teardown(() => goOn.resolve())
    const startedAt = Date.now()
    await putTexts(kinesis, stream, texts, keyOf)

    const stuck = () => consumer.status().shards.find(({ state }) => state === 'stuck')
    const report = await waitFor('the shard is reported', stuck, DEADLINE)
    t.match(report, { shardId: hangingShard, reason: 'the handler does not return' })
    t.ok(report.since !== undefined && report.since >= startedAt && report.since <= Date.now() - 300)
    const counted = async () => (await metrics.gauge('consumer_shards_stuck').get()).values[0]?.value === 1
    await waitFor('it is counted', counted, DEADLINE)
    const before = handled.length
    const later = keyed(40, 240).slice(200)
    await putTexts(kinesis, stream, later, keyOf)
    await waitFor('the other shard goes on', () => handled.length > before, DEADLINE)
    t.ok((await recordsAfter(stream)).includes('7.3'), 'its checkpoint stays before it')

    goOn.resolve()
    await waitFor('all are handled', () => handled.length === texts.length + later.length, DEADLINE)
    t.equal(stuck(), undefined, 'and it says when it goes on')
  },
)

/** What an owner that begins at the checkpoints would be given. */
async function recordsAfter(stream: string): Promise<string[]> {
  const given: string[] = []
  for (const { shardId, checkpoint } of await readShardTable(redis, stream)) {
    const { Type, ...start } = startingPosition(checkpoint, Date.now())
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: shardId,
        ShardIteratorType: Type,
        ...('SequenceNumber' in start ? { StartingSequenceNumber: start.SequenceNumber } : {}),
      }),
    )
    // All of them: a read gives up to 10,000.
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
    given.push(...Records.map(({ Data }) => Buffer.from(Data ?? '').toString()))
  }
  return given
}
