import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { Redis } from 'ioredis'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { readShardTable } from '../lib/kinesis/shard-table.ts'
import type { Bench, Figures } from './main.ts'
import { type StandIns, startStandIns } from './stand-ins.ts'

const WORKER = fileURLToPath(new URL('../test/support/consumer-process.ts', import.meta.url))
const LEASES = { LEASE_TTL_MS: '5000', HEARTBEAT_MS: '1000' }
const SHARDS = 4
const PUT_INTERVAL_MS = 50
const POLL_MS = 5
const STEP_DEADLINE_MS = 60_000
const REST_SECONDS = 30
const HANDLE_MS = 500
const RECORDS_PER_SECOND = 200

/**
 * How long nobody reads a shard: after a kill -9 of its worker, after a clean stop, at the start of an application.
 * Each is measured to the first record of each shard that its next owner has handled, with the default leases. Then what
 * a worker with 64 shards costs Redis at rest, and how many records a kill -9 makes the next owner handle again.
 */
export const takeoverBench: Bench = async ({ quick }) => {
  const standIns = await startStandIns()
  const redis = new Redis(standIns.environment.REDIS_URL)
  const kinesis = createKinesisClient({ ...standIns.environment })
  const bench = { standIns, redis, kinesis }
  try {
    return {
      ...(await measureStart(bench)),
      ...(await measureTakeovers(bench, 'SIGTERM', quick ? 3 : 50)),
      ...(await measureTakeovers(bench, 'SIGKILL', quick ? 3 : 20)),
      ...(await measureHandledTwice(bench, quick ? 1 : 10)),
      ...(await measureRest(bench)),
    }
  } finally {
    for (const worker of running) worker.kill('SIGKILL')
    redis.disconnect()
    kinesis.destroy()
    await standIns.stop()
  }
}

type Context = { standIns: StandIns; redis: Redis; kinesis: KinesisClient }
const running = new Set<ChildProcess>()

/** A line of `<application>:seen`, as the worker writes it. */
type Seen = { worker: string; shardId: string; text: string }

/** From the start of its first process to the first record that it has handled. */
async function measureStart(bench: Context): Promise<Figures> {
  const application = 'start'
  await createStream(bench.kinesis, application, SHARDS)
  await putToEachShard(bench.kinesis, application, 0, 1)
  const startedAt = performance.now()
  const worker = startWorker(bench, application, 'first')
  await until('the first record is handled', async () => (await bench.redis.llen(`${application}:seen`)) > 0)
  const startToFirstRecordMs = Math.round(performance.now() - startedAt)
  await end(worker, 'SIGKILL')
  return { startToFirstRecordMs }
}

/** Ends one of two workers again and again, and lets a new one take its place. */
async function measureTakeovers(
  bench: Context,
  signal: 'SIGTERM' | 'SIGKILL',
  rounds: number,
): Promise<Figures> {
  const application = signal.toLowerCase()
  await createStream(bench.kinesis, application, SHARDS)
  const putting = new AbortController()
  const put = putContinuously(bench.kinesis, application, putting.signal)
  const workers = new Map<string, ChildProcess>()
  const start = (id: string) => workers.set(id, startWorker(bench, application, id))
  start('worker-0')
  start('worker-1')
  const takeoversMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    await until('the shards are shared evenly', async () => {
      const owners = await ownersOf(bench, application)
      return [...workers.keys()].every((id) => owners.filter((owner) => owner === id).length === SHARDS / 2)
    })
    // The one that has been there for longer: each of them in turn.
    const [victim = ''] = workers.keys()
    const lost = (await readShardTable(bench.redis, application)).filter((row) => row.owner === victim)
    const before = await bench.redis.llen(`${application}:seen`)
    const endedAt = performance.now()
    workers.get(victim)?.kill(signal)
    const waiting = new Set(lost.map((row) => row.shardId))
    await until('each shard has a new owner', async () => {
      for (const { worker, shardId } of await readSeen(bench, application, before)) {
        if (worker !== victim && waiting.delete(shardId)) takeoversMs.push(performance.now() - endedAt)
      }
      return waiting.size === 0
    })
    workers.delete(victim)
    start(`worker-${round + 2}`)
  }
  putting.abort()
  await put
  await Promise.all([...workers.values()].map((worker) => end(worker, 'SIGKILL')))
  const name = signal === 'SIGKILL' ? 'crashTakeover' : 'cleanStop'
  const sorted = takeoversMs.toSorted((a, b) => a - b)
  const at = (q: number) => Math.round(sorted[Math.ceil(q * sorted.length) - 1] ?? 0)
  return { [`${name}s`]: rounds, [`${name}P50Ms`]: at(0.5), [`${name}P99Ms`]: at(0.99) }
}

/** Of what a worker had handled when it was killed: how much its successor handled once more, at most. */
async function measureHandledTwice(bench: Context, rounds: number): Promise<Figures> {
  const perShard = (RECORDS_PER_SECOND / SHARDS / 1_000) * PUT_INTERVAL_MS
  let most = 0
  for (let round = 0; round < rounds; round++) {
    const application = `twice-${round}`
    await createStream(bench.kinesis, application, SHARDS)
    const putting = new AbortController()
    const put = putContinuously(bench.kinesis, application, putting.signal, perShard)
    const victim = startWorker(bench, application, 'victim', HANDLE_MS)
    const seen = () => bench.redis.llen(`${application}:seen`)
    await until('records are handled', async () => (await seen()) > 5 * RECORDS_PER_SECOND)
    // Not at once, which would always be just when a batch has ended.
    await delay(Math.random() * 2 * HANDLE_MS)
    await end(victim, 'SIGKILL')
    putting.abort()
    await put
    const handled = new Set((await readSeen(bench, application)).map(({ text }) => text))
    const successor = startWorker(bench, application, 'successor')
    await until('the shards are at rest', async () => {
      const count = await seen()
      await delay(2_000)
      return count > handled.size && (await seen()) === count
    })
    const again = (await readSeen(bench, application, handled.size)).filter(({ text }) => handled.has(text))
    most = Math.max(most, again.length)
    await end(successor, 'SIGKILL')
  }
  return { handledTwiceAtMost: most }
}

/** Commands that one worker with 64 shards sends when nothing is put. */
async function measureRest(bench: Context): Promise<Figures> {
  const application = 'rest'
  await createStream(bench.kinesis, application, 64)
  const worker = startWorker(bench, application, 'only')
  await until('all shards are owned', async () => {
    const table = await readShardTable(bench.redis, application)
    return table.length === 64 && table.every((row) => row.owner === 'only')
  })
  await delay(5_000)
  // The server's own counter also counts what scripts call.
  const monitor = await bench.redis.monitor()
  let commands = 0
  monitor.on('monitor', (_time: string, _args: string[], source: string) => {
    if (source !== 'lua') commands++
  })
  await delay(REST_SECONDS * 1_000)
  monitor.disconnect()
  await end(worker, 'SIGKILL')
  return { redisCommandsPerSecondAtRest: Math.round((commands / REST_SECONDS) * 100) / 100 }
}

function startWorker(
  { standIns }: Context,
  application: string,
  workerId: string,
  handleMs = 0,
): ChildProcess {
  const worker = spawn(process.execPath, [WORKER], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...standIns.environment,
      ...LEASES,
      LOG_LEVEL: 'error',
      STREAM: application,
      APPLICATION: application,
      WORKER_ID: workerId,
      HANDLE_MS: `${handleMs}`,
    },
  })
  running.add(worker)
  worker.once('exit', () => running.delete(worker))
  return worker
}

async function end(worker: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(worker, 'exit')
  worker.kill(signal)
  await ended
}

async function createStream(kinesis: KinesisClient, name: string, shards: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }))
  await until('the stream is active', async () => {
    const reply = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }))
    return reply.StreamDescriptionSummary?.StreamStatus === 'ACTIVE'
  })
}

/** Puts records to every shard until `signal` aborts. Their text tells the shard, and is never the same twice. */
async function putContinuously(
  kinesis: KinesisClient,
  stream: string,
  signal: AbortSignal,
  perShard = 1,
): Promise<void> {
  let owed = 0
  for (let round = 0; !signal.aborted; round++) {
    owed += perShard
    const count = Math.floor(owed)
    owed -= count
    if (count > 0) await putToEachShard(kinesis, stream, round, count)
    await delay(PUT_INTERVAL_MS)
  }
}

async function putToEachShard(
  kinesis: KinesisClient,
  stream: string,
  round: number,
  count: number,
): Promise<void> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
  await kinesis.send(
    new PutRecordsCommand({
      StreamName: stream,
      Records: shards.flatMap((shard) =>
        Array.from({ length: count }, (_, i) => ({
          Data: Buffer.from(`${shardName(shard)}|${round}|${i}`),
          PartitionKey: `${i}`,
          // The beginning of the shard's range: a new stream divides the hash keys evenly.
          ExplicitHashKey: `${(BigInt(shard) * 2n ** 128n) / BigInt(SHARDS)}`,
        })),
      ),
    }),
  )
}

const shardName = (index: number) => `shardId-${`${index}`.padStart(12, '0')}`

async function readSeen({ redis }: Context, application: string, from = 0): Promise<Seen[]> {
  const lines = await redis.lrange(`${application}:seen`, from, -1)
  return lines.map((line) => {
    const [, worker = '', text = ''] = line.split(' ')
    return { worker, text, shardId: text.split('|')[0] ?? '' }
  })
}

async function ownersOf({ redis }: Context, application: string): Promise<(string | undefined)[]> {
  return (await readShardTable(redis, application)).map((row) => row.owner)
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + STEP_DEADLINE_MS
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${STEP_DEADLINE_MS / 1_000} s: ${what}`)
    await delay(POLL_MS)
  }
}
