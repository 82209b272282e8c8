import { isDeepStrictEqual } from 'node:util'
import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { systemClock } from '../../../lib/clock.ts'
import { listShards } from '../../../lib/kinesis/list-shards.ts'
import { comparePositions, parsePosition } from '../../../lib/kinesis/position.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { startProcess } from '../../support/processes.ts'
import { startKinesalite, startRedis } from '../../support/servers.ts'
import { createStream, putTexts, waitUntilActive } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const LEASE_TTL_MS = 1_500
const HEARTBEAT_MS = 300
const SHARDS = 4
const STORE_OUTAGE_MS = 30_000

const { url, process: server } = await startRedis(t)
const { endpoint } = await startKinesalite(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })

const startWorker = (t: Test, application: string, stream: string, workerId: string, handleMs = 0) =>
  startProcess(t, 'test/support/consumer-process.ts', {
    REDIS_URL: url,
    AWS_ENDPOINT_URL: endpoint,
    STREAM: stream,
    APPLICATION: application,
    WORKER_ID: workerId,
    LEASE_TTL_MS: `${LEASE_TTL_MS}`,
    HEARTBEAT_MS: `${HEARTBEAT_MS}`,
    HANDLE_MS: `${handleMs}`,
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

t.test('a process that was stopped in a batch acknowledges it after another has taken over', async (t) => {
  const [application, stream] = ['zombie', 'zombie']
  await createStream(kinesis, stream, SHARDS)
  const first = startWorker(t, application, stream, 'first', LEASE_TTL_MS)
  await waitForOwners(application, { first: SHARDS })
  const texts = numbered('text', 400)
  await putTexts(kinesis, stream, texts)
  // Not all: what is put while a shard is read comes in the batch after this one.
  await waitFor('some are begun', async () => (await redis.llen(`${application}:begun`)) > 0, {
    deadlineMs: 5_000,
    intervalMs: 10,
  })
  first.child.kill('SIGSTOP')
  const stoppedFor = systemClock.sleep(2 * LEASE_TTL_MS)
  startWorker(t, application, stream, 'second')
  await waitForOwners(application, { second: SHARDS })
  await waitForTexts(application, texts)
  await stoppedFor
  const table = await readShardTable(redis, application)
  first.child.kill('SIGCONT')
  await waitFor(
    'its handler is told',
    async () => (await redis.llen(`${application}:told`)) === (await redis.llen(`${application}:begun`)),
    { deadlineMs: 5_000 },
  )
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  for (const { shardId, epoch, checkpoint } of await readShardTable(redis, application)) {
    const before = table.find((row) => row.shardId === shardId)
    t.ok(epoch >= (before?.epoch ?? 0), `${shardId} has no older owner again`)
    const [then, now] = [before?.checkpoint ?? '', checkpoint].map((text) => parsePosition(text))
    t.ok(then === undefined || (now !== undefined && comparePositions(now, then) >= 0), 'nothing goes back')
  }
  const seen = await redis.lrange(`${application}:seen`, 0, -1)
  t.notOk(
    seen.some((line) => line.includes(' first ')),
    'it handled nothing of what was no longer its own',
  )
})

t.test('a store that hangs for 30 s while Kinesis works costs records, or ends the workers', async (t) => {
  const [application, stream] = ['outage', 'outage']
  await createStream(kinesis, stream, SHARDS)
  const workers = ['first', 'second'].map((id) => startWorker(t, application, stream, id))
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  const before = numbered('before', 200)
  await putTexts(kinesis, stream, before)
  await waitForTexts(application, before)
  const epochs = (await readShardTable(redis, application)).map((row) => row.epoch)

  server.kill('SIGSTOP')
  const during = numbered('during', 200)
  await putTexts(kinesis, stream, during)
  await systemClock.sleep(STORE_OUTAGE_MS)
  server.kill('SIGCONT')
  const after = numbered('after', 200)
  await putTexts(kinesis, stream, after)
  await waitForTexts(application, [...before, ...during, ...after])
  await waitForOwners(application, { first: SHARDS / 2, second: SHARDS / 2 })
  for (const [i, { epoch }] of (await readShardTable(redis, application)).entries()) {
    t.ok(epoch > (epochs[i] ?? 0), 'nobody works on under a lease that had run out')
  }
  t.ok(workers.every(({ child }) => child.exitCode === null))
})

t.test('records are lost when shards split and merge in the middle of a deploy', async (t) => {
  const [application, stream] = ['deploy', 'deploy']
  await createStream(kinesis, stream, SHARDS)
  const old = ['old-1', 'old-2'].map((id) => startWorker(t, application, stream, id, 20))
  await waitForOwners(application, { 'old-1': SHARDS / 2, 'old-2': SHARDS / 2 })

  const putting = new AbortController()
  const texts: string[] = []
  const put = (async () => {
    for (let i = 0; !putting.signal.aborted; i++) {
      const some = numbered(`deploy-${i}`, 40)
      await putTexts(kinesis, stream, some, (text) => text.slice(-2))
      texts.push(...some)
      await systemClock.sleep(50, putting.signal)
    }
  })()
  const shards = await listShards({ kinesis, stream, signal: putting.signal, clock: systemClock })
  const [firstShard, secondShard, thirdShard] = shards.map((shard) => shard.shardId)
  const begun = () => redis.llen(`${application}:begun`)
  const reshard = async (command: SplitShardCommand | MergeShardsCommand) => {
    await kinesis.send(command as SplitShardCommand)
    await waitUntilActive(kinesis, stream)
  }
  await waitFor('records flow', async () => (await begun()) > 200, { deadlineMs: 5_000 })
  startWorker(t, application, stream, 'new-1', 20)
  old[0]?.child.kill('SIGTERM')
  await reshard(
    new SplitShardCommand({
      StreamName: stream,
      ShardToSplit: firstShard,
      // The middle of the first of four equal ranges.
      NewStartingHashKey: `${1n << 125n}`,
    }),
  )
  startWorker(t, application, stream, 'new-2', 20)
  old[1]?.child.kill('SIGTERM')
  await reshard(
    new MergeShardsCommand({
      StreamName: stream,
      ShardToMerge: secondShard,
      AdjacentShardToMerge: thirdShard,
    }),
  )
  const soFar = await begun()
  await waitFor('records flow', async () => (await begun()) > soFar + 200, { deadlineMs: 10_000 })
  putting.abort()
  await put
  for (const worker of old) t.equal(await worker.ended, 0, 'the old workers ended cleanly')
  await waitForTexts(application, texts)
  // Of the open shards, two of the split, one of the merge, and the fourth.
  await waitForOwners(application, { 'new-1': 2, 'new-2': 2, nobody: 3 })
  // A first handling out of order is a child that overtook its parent, or a lane that overtook another.
  const latest = new Map<string, number>()
  const known = new Set<string>()
  for (const line of await redis.lrange(`${application}:seen`, 0, -1)) {
    const text = line.split(' ')[2] ?? ''
    if (known.has(text)) continue
    known.add(text)
    const [, round, number = ''] = text.split('-')
    if (Number(round) < (latest.get(number) ?? 0)) t.fail(`${text} came after a later one of its key`)
    latest.set(number, Number(round))
  }
})

t.test('64 shards on three workers are shared unevenly, or some are read by nobody', async (t) => {
  const [application, stream] = ['many', 'many']
  await createStream(kinesis, stream, 64)
  for (const id of ['one', 'two', 'three']) startWorker(t, application, stream, id)
  const texts = numbered('text', 2_000)
  await putTexts(kinesis, stream, texts, (text) => text)
  await waitForTexts(application, texts)
  let counts: Record<string, number> = {}
  await waitFor(
    'the shares are even',
    async () => {
      counts = {}
      for (const { owner = 'nobody' } of await readShardTable(redis, application)) {
        counts[owner] = (counts[owner] ?? 0) + 1
      }
      // A move must gain a fifth of an average load, which a busy machine measures unevenly.
      const shares = Object.values(counts)
      return shares.length === 3 && shares.every((share) => share >= 18 && share <= 25)
    },
    { deadlineMs: 30_000, describe: () => counts },
  )
})
