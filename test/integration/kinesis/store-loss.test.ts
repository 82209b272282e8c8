import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createConsumer } from '../../../lib/kinesis/consumer.ts'
import { createLeaseStore, readRebuiltSince } from '../../../lib/kinesis/lease-store.ts'
import type { OnEmptyStore } from '../../../lib/kinesis/restore-leases.ts'
import { createS3BackupStore } from '../../../lib/kinesis/s3-backup-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { startKinesalite, startMinistack, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const BUCKET = 'backups'

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const { endpoint: kinesisEndpoint } = await startKinesalite(t)
const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: kinesisEndpoint })
const { endpoint: s3Endpoint } = await startMinistack(t)
const s3 = createS3Client({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: s3Endpoint })
await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

/** A worker that keeps the texts that it has handled, each as often as it came. */
async function startWorker(
  t: Test,
  stream: string,
  onEmptyStore: OnEmptyStore,
  { workerId = 'worker', redis: leases = redis, seen = [] as string[] } = {},
) {
  const consumer = createConsumer({
    stream,
    workerId,
    store: createLeaseStore({ redis: leases, application: stream }),
    kinesis,
    async handle({ records }) {
      seen.push(...records.map((record) => Buffer.from(record.data).toString()))
    },
    putAside: ({ error }) => Promise.reject(error),
    backup: { store: createS3BackupStore({ s3, bucket: BUCKET, key: `${stream}.json` }), onEmptyStore },
    leaseTtlMs: 1_000,
    heartbeatMs: 200,
    pollIntervalMs: 200,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    metrics: createMetrics('test', '0'),
  })
  await consumer.start(new AbortController().signal)
  let isStopped = false
  const stop = async () => {
    if (!isStopped) await consumer.stop()
    isStopped = true
  }
  t.teardown(stop)
  const awaitTexts = (texts: readonly string[]) =>
    waitFor('all are seen', () => texts.every((text) => seen.includes(text)), {
      deadlineMs: 15_000,
      describe: () => ({ seen: seen.length }),
    })
  return { seen, stop, awaitTexts }
}

t.test('an application whose effects are elsewhere begins again because its store was emptied', async (t) => {
  const stream = 'kept-elsewhere'
  await createStream(kinesis, stream, 2)
  const before = numbered('before', 100)
  await putTexts(kinesis, stream, before)
  const first = await startWorker(t, stream, 'backup')
  await first.awaitTexts(before)
  await first.stop()

  await redis.flushall()
  const after = numbered('after', 50)
  await putTexts(kinesis, stream, after)
  const second = await startWorker(t, stream, 'backup')
  await second.awaitTexts(after)
  t.strictSame(second.seen.toSorted(), after.toSorted(), 'from where the backup was made, and each once')
  t.equal(await readRebuiltSince(redis, stream), undefined)
})

t.test(
  'an application whose effects went with its store leaves them lost, or says nothing of it',
  async (t) => {
    const stream = 'kept-beside'
    await createStream(kinesis, stream, 2)
    const before = numbered('before', 100)
    await putTexts(kinesis, stream, before)
    const first = await startWorker(t, stream, 'trim-horizon')
    await first.awaitTexts(before)
    await first.stop()
    t.equal(await readRebuiltSince(redis, stream), undefined, 'a new application rebuilds nothing')

    const second = await startWorker(t, stream, 'trim-horizon')
    const after = numbered('after', 50)
    await putTexts(kinesis, stream, after)
    await second.awaitTexts(after)
    t.equal(second.seen.length, after.length, 'it goes on where the first one was')
    const emptiedAt = Date.now()
    await redis.flushall()
    await second.awaitTexts(before)
    t.equal(
      second.seen.filter((text) => text.startsWith('after')).length,
      2 * after.length,
      'all comes again',
    )
    t.ok(((await readRebuiltSince(redis, stream)) ?? 0) >= emptiedAt)
  },
)

t.test('workers whose Redis comes back empty end, stand idle, or begin at the oldest record', async (t) => {
  const stream = 'restarted'
  await createStream(kinesis, stream, 2)
  const server = await startRedis(t)
  const own = new Redis(server.url)
  // The connection is lost on purpose.
  own.on('error', () => {})
  t.teardown(() => own.disconnect())
  const seen: string[] = []
  const workers = await Promise.all(
    ['worker-1', 'worker-2'].map((workerId) =>
      startWorker(t, stream, 'backup', { workerId, redis: own, seen }),
    ),
  )
  const before = numbered('before', 100)
  await putTexts(kinesis, stream, before)
  const saved = createS3BackupStore({ s3, bucket: BUCKET, key: `${stream}.json` })
  await workers[0]?.awaitTexts(before)
  await waitFor(
    'a backup is made while they run, of both shards',
    async () => ((await saved.read())?.match(/"\d{20,}"/g)?.length ?? 0) === 2,
    { deadlineMs: 10_000, describe: () => saved.read() },
  )

  const [program = '', ...args] = server.process.spawnargs
  server.process.kill('SIGKILL')
  await once(server.process, 'exit')
  const after = numbered('after', 50)
  await putTexts(kinesis, stream, after)
  const empty = spawn(program, args, { stdio: 'ignore' })
  t.teardown(() => empty.kill('SIGKILL'))
  await workers[0]?.awaitTexts(after)
  const ofBefore = seen.filter((text) => text.startsWith('before'))
  t.strictSame(ofBefore.toSorted(), before.toSorted(), 'none of what was done comes again')
  // What is under way while a lease changes hands may come twice.
  t.strictSame(new Set(seen), new Set([...before, ...after]), 'and nothing is missing')
})
