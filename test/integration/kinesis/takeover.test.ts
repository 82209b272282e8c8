import { isDeepStrictEqual } from 'node:util'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/clients.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { startProcess } from '../../support/processes.ts'
import { startKinesalite, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const LEASE_TTL_MS = 1_500
const HEARTBEAT_MS = 300
const SHARDS = 4

const { url } = await startRedis(t)
const { endpoint } = await startKinesalite(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })

const startWorker = (t: Test, application: string, stream: string, workerId: string) =>
  startProcess(t, 'test/support/consumer-process.ts', {
    REDIS_URL: url,
    AWS_ENDPOINT_URL: endpoint,
    STREAM: stream,
    APPLICATION: application,
    WORKER_ID: workerId,
    LEASE_TTL_MS: `${LEASE_TTL_MS}`,
    HEARTBEAT_MS: `${HEARTBEAT_MS}`,
  })

async function waitForOwners(application: string, expected: Record<string, number>): Promise<void> {
  let owners: Record<string, number> = {}
  const look = async () => {
    owners = {}
    const table = await readShardTable(redis, application)
    for (const { owner = 'nobody' } of table) owners[owner] = (owners[owner] ?? 0) + 1
    return isDeepStrictEqual(owners, expected)
  }
  await waitFor(`owners are ${JSON.stringify(expected)}`, look, {
    deadlineMs: 15_000,
    intervalMs: 10,
    describe: () => owners,
  })
}

async function textsSeen(application: string): Promise<Set<string>> {
  const lines = await redis.lrange(`${application}:seen`, 0, -1)
  return new Set(lines.map((line) => line.split(' ')[2] ?? ''))
}

async function waitForTexts(application: string, texts: readonly string[]): Promise<void> {
  let missing = texts
  await waitFor(
    `${texts.length} records are seen`,
    async () => {
      const seen = await textsSeen(application)
      missing = texts.filter((text) => !seen.has(text))
      return missing.length === 0
    },
    { deadlineMs: 15_000, intervalMs: 10, describe: () => ({ missing: missing.length, first: missing[0] }) },
  )
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

t.test(
  'the shards of a killed worker stay unread beyond its time to live, or records are lost',
  async (t) => {
    const [application, stream] = ['killed', 'killed']
    await createStream(kinesis, stream, SHARDS)
    const first = startWorker(t, application, stream, 'first')
    await waitForOwners(application, { first: SHARDS })
    startWorker(t, application, stream, 'second')
    await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })

    const before = numbered('before', 400)
    await putTexts(kinesis, stream, before)
    const lastOf = Date.now()
    first.child.kill('SIGKILL')
    const after = numbered('after', 400)
    await putTexts(kinesis, stream, after)
    await waitForOwners(application, { second: SHARDS })
    const takeoverMs = Date.now() - lastOf
    t.ok(takeoverMs < LEASE_TTL_MS + 2 * HEARTBEAT_MS + 500, `taken over in ${takeoverMs} ms`)
    await waitForTexts(application, [...before, ...after])
  },
)

t.test('the next owner waits although the last one has stopped, or handles its records again', async (t) => {
  const [application, stream] = ['stopped', 'stopped']
  await createStream(kinesis, stream, SHARDS)
  const first = startWorker(t, application, stream, 'first')
  await waitForOwners(application, { first: SHARDS })
  startWorker(t, application, stream, 'second')
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  const before = numbered('before', 400)
  await putTexts(kinesis, stream, before)
  await waitForTexts(application, before)

  const stoppedAt = Date.now()
  first.child.kill('SIGTERM')
  await waitForOwners(application, { second: SHARDS })
  const takeoverMs = Date.now() - stoppedAt
  t.ok(takeoverMs < 1_000, `taken over in ${takeoverMs} ms`)
  t.equal(await first.ended, 0, 'and it ended cleanly')

  const after = numbered('after', 400)
  await putTexts(kinesis, stream, after)
  await waitForTexts(application, after)
  t.equal(await redis.llen(`${application}:seen`), 800, 'each once')
})

t.test('a stopped process goes on where another has taken over', async (t) => {
  const [application, stream] = ['zombie', 'zombie']
  await createStream(kinesis, stream, SHARDS)
  const first = startWorker(t, application, stream, 'first')
  await waitForOwners(application, { first: SHARDS })
  startWorker(t, application, stream, 'second')
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  first.child.kill('SIGSTOP')
  await waitForOwners(application, { second: SHARDS })
  const texts = numbered('text', 400)
  await putTexts(kinesis, stream, texts)
  await waitForTexts(application, texts)
  const table = await readShardTable(redis, application)
  first.child.kill('SIGCONT')
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  for (const { shardId, epoch } of await readShardTable(redis, application)) {
    t.ok(
      epoch >= (table.find((row) => row.shardId === shardId)?.epoch ?? 0),
      `${shardId} has no older owner again`,
    )
  }
  const handled = await redis.lrange(`${application}:seen`, 0, -1)
  t.notOk(
    handled.some((line) => line.includes(' first ')),
    'it handled nothing of what was no longer its own',
  )
})
