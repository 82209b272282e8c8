import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { readHeartbeats } from '../../lib/process/heartbeat.ts'
import { startApiProcess } from '../support/api-process.ts'
import { openInbox } from '../support/inbox.ts'
import { startProcess } from '../support/processes.ts'
import { startKinesalite, startMinistack, startRedis } from '../support/servers.ts'
import { createStream, putTexts } from '../support/streams.ts'
import { waitFor } from '../support/wait-for.ts'

const DEADLINE_MS = 120_000
const LEASES = { LEASE_TTL_MS: '1500', HEARTBEAT_MS: '300' }

t.test('what a live consumer does not do is not told', { timeout: 300_000 }, async (t) => {
  t.jobs = 2
  const [kinesalite, ministack] = await Promise.all([startKinesalite(t), startMinistack(t)])
  const address = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_ENDPOINT_URL_KINESIS: kinesalite.endpoint,
  }
  const s3 = createS3Client(address)
  const kinesis = createKinesisClient(address)
  t.teardown(() => {
    s3.destroy()
    kinesis.destroy()
  })
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))

  /** A stream and a Redis of their own, and an api on watch that wants one consumer. */
  async function setUp(t: Test, stream: string) {
    await createStream(kinesis, stream, 1)
    const { url } = await startRedis(t)
    const redis = new Redis(url)
    t.teardown(() => redis.disconnect())
    const inbox = await openInbox(t, ministack.endpoint, stream)
    await startApiProcess(t, {
      ...address,
      REDIS_URL: url,
      PROCESSED_STREAM: stream,
      RAW_BUCKET: 'bucket',
      SOURCE_BUCKET: 'bucket',
      DEAD_LETTER_BUCKET: 'bucket',
      ALERT_TOPIC_ARN: inbox.topicArn,
      WANTED: '{"consumer":1}',
      LOG_LEVEL: 'fatal',
    })
    const isRunning = async () =>
      (await readHeartbeats(redis)).some(
        ({ kind, state, holds }) => kind === 'consumer' && state === 'running' && holds.length > 0,
      )
    /** What has been told until the last of it was. */
    async function told(event: 'opened' | 'closed', kind: string) {
      const alerts = await inbox.waitFor(
        `${event} ${kind}`,
        (alert) => alert.event === event && alert.kind === kind,
        DEADLINE_MS,
      )
      t.match(alerts, [{ event, kind, service: 'consumer' }])
      t.equal(alerts.length, 1, `nothing but ${event} ${kind}`)
    }
    return { url, redis, isRunning, told }
  }

  t.test('reading on without ever acknowledging', async (t) => {
    const { url, redis, isRunning, told } = await setUp(t, 'held')
    await redis.set('held', '1')
    const { ended, child } = startProcess(t, 'test/support/consumer-process.ts', {
      ...address,
      ...LEASES,
      REDIS_URL: url,
      STREAM: 'held',
      APPLICATION: 'held',
      WORKER_ID: 'held',
      HELD_BY: 'held',
    })
    await waitFor('it holds the shard', isRunning, { deadlineMs: 30_000 })
    await putTexts(kinesis, 'held', ['waits', 'waits, too'])
    await told('opened', 'unresponsive')
    await redis.del('held')
    await told('closed', 'unresponsive')
    t.same(await redis.llen('held:seen'), 2, 'what waited is handled')
    child.kill('SIGTERM')
    t.equal(await ended, 0)
  })

  t.test('a clean stop after which nobody comes back', async (t) => {
    const { url, isRunning, told } = await setUp(t, 'stopped')
    const start = (WORKER_ID: string) =>
      startProcess(t, 'workers/consumer/main.ts', {
        ...address,
        REDIS_URL: url,
        PROCESSED_STREAM: 'stopped',
        DEAD_LETTER_BUCKET: 'bucket',
        WORKER_ID,
      })
    const first = start('first')
    await waitFor('it holds the shard', isRunning, { deadlineMs: 30_000 })
    first.child.kill('SIGTERM')
    t.equal(await first.ended, 0)
    await told('opened', 'under-strength')
    start('second')
    await told('closed', 'under-strength')
  })
})
