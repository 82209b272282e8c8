import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import t from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { readHeartbeats } from '../../../lib/process/heartbeat.ts'
import { readGzippedObjects } from '../../support/buckets.ts'
import { startProcess } from '../../support/processes.ts'
import { startKinesalite, startMinistack, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const STREAM = 'raw'
const BUCKET = 'raw-layer'

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const kinesalite = await startKinesalite(t)
const ministack = await startMinistack(t)
const address = {
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: ministack.endpoint,
  AWS_ENDPOINT_URL_KINESIS: kinesalite.endpoint,
}
const kinesis = createKinesisClient(address)
const s3 = createS3Client(address)
await createStream(kinesis, STREAM, 2)
await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))

const start = (environment: Record<string, string> = {}) =>
  startProcess(t, 'deploy/local/firehose/main.ts', {
    ...address,
    REDIS_URL: url,
    RAW_STREAM: STREAM,
    RAW_BUCKET: BUCKET,
    WORKER_ID: 'firehose',
    FIREHOSE_BUFFER_SECONDS: '1',
    FIREHOSE_DUPLICATE_SHARE: '0.2',
    ...environment,
  })

const lines = (prefix: string) => Array.from({ length: 200 }, (_, i) => `{"line":"${prefix}-${i}"}\n`)

async function waitForLines(expected: readonly string[]): Promise<string[]> {
  let stored: string[] = []
  await waitFor(
    `${expected.length} lines are stored`,
    async () => {
      const objects = await readGzippedObjects(s3, BUCKET)
      stored = [...objects.values()].flatMap((text) => text.match(/[^\n]*\n/g) ?? [])
      const distinct = new Set(stored)
      return expected.every((line) => distinct.has(line))
    },
    { deadlineMs: 20_000, describe: () => stored.length },
  )
  return stored
}

t.test('the raw layer lacks records, or is not what Firehose would have written', async (t) => {
  const process = start()
  await putTexts(kinesis, STREAM, lines('a'))
  const stored = await waitForLines(lines('a'))
  t.ok(stored.length > 210, 'some came twice on purpose')
  const hour = new Date().toISOString().slice(0, 13)
  const name = /^dt=(\d{4}-\d\d-\d\d)\/hr=(\d\d)\/roadpulse-raw-1-\1-\2-\d\d-\d\d-[0-9a-f-]{36}\.gz$/
  for (const key of (await readGzippedObjects(s3, BUCKET)).keys()) {
    t.match(key, name)
    t.ok(`${key.slice(3, 13)}T${key.slice(17, 19)}` <= hour, 'by the hour of arrival, UTC')
  }
  process.child.kill('SIGTERM')
  t.equal(await process.ended, 0, 'it stops cleanly')
})

t.test('a stand-in that is killed loses what it had read and not stored', async () => {
  const process = start({ WORKER_ID: 'killed', FIREHOSE_BUFFER_SECONDS: '60' })
  await putTexts(kinesis, STREAM, lines('b'))
  const hasRecordsInHand = async () =>
    (await readHeartbeats(redis)).some(({ id, lagMs = 0 }) => id === 'killed' && lagMs > 0)
  await waitFor('it has read', hasRecordsInHand, { deadlineMs: 10_000 })
  process.child.kill('SIGKILL')
  await process.ended
  start()
  await putTexts(kinesis, STREAM, lines('c'))
  await waitForLines([...lines('a'), ...lines('b'), ...lines('c')])
})
