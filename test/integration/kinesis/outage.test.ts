import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { ListStreamsCommand } from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { createConsumer } from '../../../lib/kinesis/consumer.ts'
import { createLeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { freePort, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const KINESALITE_MAIN = new URL('../../../deploy/local/kinesalite-main.ts', import.meta.url).pathname
const STREAM = 'outage'

t.test('a Kinesis that is killed and comes back leaves shards unread', async (t) => {
  const { url } = await startRedis(t)
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const port = await freePort()
  const folder = t.testdir({ kinesis: {} })
  const kinesis = createKinesisClient({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  })
  let server: ChildProcess | undefined
  async function startServer(): Promise<void> {
    server = spawn(process.execPath, [KINESALITE_MAIN], {
      stdio: 'ignore',
      env: { ...process.env, KINESALITE_PORT: `${port}`, KINESALITE_PATH: `${folder}/kinesis` },
    })
    await waitFor('kinesalite answers', () => kinesis.send(new ListStreamsCommand({})), {
      deadlineMs: 10_000,
    })
  }
  t.teardown(() => server?.kill('SIGKILL'))
  await startServer()
  await createStream(kinesis, STREAM, 2)

  const seen = new Set<string>()
  const consumer = createConsumer({
    stream: STREAM,
    workerId: 'worker',
    store: createLeaseStore({ redis, application: STREAM }),
    kinesis,
    async handle({ records }) {
      for (const record of records) seen.add(Buffer.from(record.data).toString())
    },
    putAside: ({ error }) => Promise.reject(error),
    leaseTtlMs: 1_000,
    heartbeatMs: 200,
    pollIntervalMs: 200,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    metrics: createMetrics('test', '0'),
  })
  await consumer.start(new AbortController().signal)
  t.teardown(() => consumer.stop())
  const numbered = (prefix: string) => Array.from({ length: 100 }, (_, i) => `${prefix}-${i}`)
  await putTexts(kinesis, STREAM, numbered('before'))
  await waitFor('the first are handled', () => seen.size === 100, { deadlineMs: 10_000 })

  const killed = server
  killed?.kill('SIGKILL')
  if (killed !== undefined) await once(killed, 'exit')
  await startServer()
  await putTexts(kinesis, STREAM, numbered('after'))
  await waitFor('the others are handled', () => seen.size === 200, {
    deadlineMs: 15_000,
    describe: () => seen.size,
  })
})
