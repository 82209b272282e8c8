import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { type Memory, NO_MEMORY } from '../../../api/watchdog/memory.ts'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { publicationsKey, watchLeaseKey, watchMemoryKey } from '../../../lib/redis/keys.ts'
import { startApiProcess } from '../../support/api-process.ts'
import { beat } from '../../support/beat.ts'
import { startHeldProxy } from '../../support/held-proxy.ts'
import { type Alert, openInbox } from '../../support/inbox.ts'
import { startKinesalite, startMinistack, startRedis } from '../../support/servers.ts'
import { createStream } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const DEADLINE_MS = 30_000
/** From the end of a worker to the message. */
const TOLD_WITHIN_MS = 15_000

t.test('what two apis tell, whatever happens to them', { timeout: 110_000 }, async (t) => {
  t.jobs = 6
  const [kinesis, ministack] = await Promise.all([startKinesalite(t), startMinistack(t)])
  const address = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
  }
  const s3 = createS3Client(address)
  const client = createKinesisClient(address)
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }))
  await createStream(client, 'processed', 1)
  s3.destroy()
  client.destroy()

  /** A Redis, a topic, SNS as it can be held up, and two apis, of which the first is on watch. */
  async function setUp(t: Test, name: string) {
    const server = await startRedis(t, ['--appendonly', 'yes'])
    const redis = new Redis(server.url)
    redis.on('error', () => undefined)
    t.teardown(() => redis.disconnect())
    const inbox = await openInbox(t, ministack.endpoint, name)
    const proxy = await startHeldProxy(t, ministack.endpoint)
    const start = (id: string) =>
      startApiProcess(t, {
        ...address,
        AWS_ENDPOINT_URL_SNS: proxy.endpoint,
        REDIS_URL: server.url,
        WORKER_ID: id,
        PROCESSED_STREAM: 'processed',
        RAW_BUCKET: 'bucket',
        SOURCE_BUCKET: 'bucket',
        DEAD_LETTER_BUCKET: 'bucket',
        ALERT_TOPIC_ARN: inbox.topicArn,
        WANTED: '{"api":1}',
        LOG_LEVEL: 'fatal',
      })
    const first = await start(`${name}-1`)
    await until(
      'the first is on watch',
      async () => (await redis.hget(watchLeaseKey(), 'owner')) === `${name}-1`,
    )
    const second = await start(`${name}-2`)
    await until('both have been seen alive', async () => (await seenAlive(redis)).length >= 2)
    return { server, redis, inbox, proxy, first, second }
  }

  t.test('an api that is killed before its call to SNS takes the message with it', async (t) => {
    const { redis, inbox, proxy, first } = await setUp(t, 'before')
    proxy.hold = 'before the call'
    await loseConsumer(redis)
    await until('the call has begun', () => proxy.held > 0)
    first.child.kill('SIGKILL')
    proxy.hold = 'nowhere'
    t.same(keysOf(await inbox.waitFor('its own end is told', isDownOf('api'), DEADLINE_MS)), [
      'opened down.consumer',
      'opened down.api',
    ])
  })

  t.test('an api that is killed after SNS took the message leads to another incident', async (t) => {
    const { redis, inbox, proxy, first } = await setUp(t, 'after')
    proxy.hold = 'after acceptance'
    await loseConsumer(redis)
    await until('SNS has it', () => proxy.held > 0)
    first.child.kill('SIGKILL')
    proxy.hold = 'nowhere'
    const alerts = await inbox.waitFor('its own end is told', isDownOf('api'), DEADLINE_MS)
    const consumer = alerts.filter(isDownOf('consumer'))
    t.ok(consumer.length === 1 || consumer.length === 2, `${consumer.length} messages`)
    t.equal(new Set(consumer.map(({ dedupId }) => dedupId)).size, 1)
  })

  t.test('an api that is killed after its record leads to a repetition', async (t) => {
    const { redis, inbox, first } = await setUp(t, 'record')
    const lostAt = await loseConsumer(redis)
    await until('it is recorded', async () =>
      (await redis.hvals(publicationsKey())).some((json) => json.includes('"published"')),
    )
    t.ok(performance.now() - lostAt < TOLD_WITHIN_MS, `told after ${performance.now() - lostAt} ms`)
    first.child.kill('SIGKILL')
    const alerts = await inbox.waitFor('its own end is told', isDownOf('api'), DEADLINE_MS)
    t.same(keysOf(alerts), ['opened down.consumer', 'opened down.api'])
  })

  t.test('an api that stops cleanly keeps the watch, or is told as down', async (t) => {
    const { redis, inbox, first } = await setUp(t, 'stop')
    first.child.kill('SIGTERM')
    t.equal(await first.ended, 0)
    t.not(await redis.hget(watchLeaseKey(), 'owner'), 'stop-1', 'it has given the watch up')
    const stoppedAt = (await readMemory(redis)).time
    await until('the other has watched for eight seconds', async () => {
      const { time } = await readMemory(redis)
      return time - stoppedAt > 8_000
    })
    t.same(await inbox.take(), [])
  })

  t.test('while SNS is away nobody can see it, or its messages are lost or come twice', async (t) => {
    const { redis, inbox, proxy, second } = await setUp(t, 'away')
    t.match((await second.ask('GET', '/health/fleet')).body, { status: 'healthy', telling: { state: 'ok' } })
    proxy.isAway = true
    await loseConsumer(redis)
    await until('it shows that people are not told', async () => {
      const { status, body } = await second.ask('GET', '/health/fleet')
      return status === 503 && (body as { telling: { state: string } }).telling.state === 'failing'
    })
    await until('the end of the consumer is an incident', async () =>
      JSON.stringify((await second.ask('GET', '/incidents?state=open')).body).includes('down.consumer'),
    )
    t.same(await inbox.take(), [])
    proxy.isAway = false
    const alerts = await inbox.waitFor(
      'SNS is back',
      ({ event, service }) => event === 'closed' && service === 'sns',
      DEADLINE_MS,
    )
    t.same(keysOf(alerts).toSorted(), [
      'closed dependency.sns',
      'opened dependency.sns',
      'opened down.consumer',
    ])
    await until('it shows that people are told again', async () => {
      const { body } = await second.ask('GET', '/health/fleet')
      return (body as { telling: { state: string } }).telling.state === 'ok'
    })
  })

  t.test('without Redis nobody says so, or one of the apis does more than once', async (t) => {
    const { server, inbox, first, second } = await setUp(t, 'redis')
    server.process.kill('SIGKILL')
    const opened: Alert[] = []
    await until('both have told it', async () => {
      opened.push(...(await inbox.take()))
      return opened.length >= 2
    })
    for (const api of [first, second]) {
      const { status, body } = await api.ask('GET', '/health/fleet')
      t.equal(status, 503)
      t.match(body, { status: 'unhealthy', incidents: [{ kind: 'dependency', service: 'redis' }] })
    }
    await server.restart()
    const closed: Alert[] = []
    await until('both have told its end', async () => {
      closed.push(...(await inbox.take()))
      return closed.length >= 2
    })
    t.same(keysOf(opened), ['opened dependency.redis', 'opened dependency.redis'])
    t.same(opened.flatMap(({ workers }) => workers).toSorted(), ['redis-1', 'redis-2'])
    t.same(keysOf(closed), ['closed dependency.redis', 'closed dependency.redis'])
    await until(
      'they look at the fleet again',
      async () => (await first.ask('GET', '/health/fleet')).status === 200,
    )
    t.match((await first.ask('GET', '/incidents?state=closed')).body, {
      items: [{ service: 'redis' }, { service: 'redis' }],
    })
    t.same(await inbox.take(), [], 'nobody counts as gone because Redis was')
  })
})

function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<boolean> {
  return waitFor(what, isTrue, { deadlineMs: DEADLINE_MS, intervalMs: 100 })
}

async function seenAlive(redis: Redis): Promise<string[]> {
  const { workers } = await readMemory(redis)
  return Object.entries(workers).flatMap(([id, { isSeenAlive }]) => (isSeenAlive ? [id] : []))
}

const readMemory = async (redis: Redis): Promise<Memory> => ({
  ...NO_MEMORY,
  ...(JSON.parse((await redis.get(watchMemoryKey())) ?? '{}') as Partial<Memory>),
})

/** A consumer beats until it has been seen alive, and is not heard of again. Resolves to the time of its end. */
async function loseConsumer(redis: Redis): Promise<number> {
  const since = Date.now()
  await until('a consumer is seen alive', async () => {
    await beat(redis, 'consumer-1', 'consumer', since)
    return (await seenAlive(redis)).includes('consumer-1')
  })
  return performance.now()
}

const isDownOf = (of: string) => (alert: Alert) => alert.kind === 'down' && alert.service === of

const keysOf = (alerts: readonly Alert[]) =>
  alerts.map(({ event, kind, service }) => `${event} ${kind}.${service}`)
