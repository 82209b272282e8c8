import { Redis } from 'ioredis'
import t from 'tap'
import {
  createLeaseStore,
  type Lease,
  type LeaseStore,
  type Renewal,
} from '../../../lib/kinesis/lease-store.ts'
import type { LoadSnapshot } from '../../../lib/kinesis/plan-moves.ts'
import { LeaseStoreModel } from '../../simulation/lease-store-model.ts'
import { createRandom, type Random } from '../../simulation/random.ts'
import { startRedis } from '../../support/servers.ts'

const SEEDS = Number(process.env.SEEDS ?? 150)
const OPERATIONS = 150
const WORKERS = ['a', 'b', 'c']
/** A split of a merge, and a merge of what was split: parents of parents, two parents, none. */
const LINEAGE: Record<string, string[]> = { 1: [], 2: [], 3: ['1', '2'], 4: ['3'], 5: ['3'], 6: ['5', '4'] }
const SHARDS = Object.keys(LINEAGE)
/** Some run out while the sequence goes on, which takes some 100 ms. */
const TTLS_MS = [1, 3, 10, 60_000, 60_000]

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())

/** Sequences that ended early, because the server's time went on within one operation. */
let cutShort = 0

t.test('the simulation runs on a store that the scripts know nothing of', async (t) => {
  const seeds = Array.from({ length: SEEDS }, (_seed, i) => i + 1)
  const differences = await Promise.all(seeds.map(compare))
  t.strictSame(
    differences.filter((difference) => difference !== undefined),
    [],
    `${SEEDS} sequences of ${OPERATIONS} operations each`,
  )
  const isComparedWhole = await keepsTime()
  t.equal(cutShort, 0, 'each to its end', {
    skip: !isComparedWhole && 'the time goes on within a transaction of this server, older than 7.2',
  })
})

/** The same random operations on the scripts and on the model; resolves to the first answer that differs. */
async function compare(seed: number): Promise<object | undefined> {
  const random = createRandom(seed)
  const clock = { now: 0, isExact: true }
  const real = createLeaseStore({ redis: withServerTime(redis, clock), application: `model-${seed}` })
  const model = new LeaseStoreModel(() => clock.now)
  /** All leases that were ever given to anyone: old ones are tried again, too, and by others. */
  const known: KnownLease[] = SHARDS.map((shardId) => ({ shardId, epoch: 1, worker: random.pick(WORKERS) }))
  for (let i = 0; i < OPERATIONS; i++) {
    const operation = drawOperation(random, known)
    const expected = await answerOf(() => operation.onReal(real))
    if (!clock.isExact) {
      cutShort++
      return undefined
    }
    const actual = await answerOf(async () => operation.onModel(model))
    const [left, right] = [expected, actual].map((answer) => JSON.stringify(answer))
    if (left !== right) return { seed, i, operation: operation.name, scripts: left, model: right }
    const acquired = (expected as { acquired?: Lease[] } | null)?.acquired ?? []
    known.push(...acquired.map(({ shardId, epoch }) => ({ shardId, epoch, worker: operation.worker })))
  }
  return undefined
}

type KnownLease = Lease & { worker: string }

type Operation = {
  worker: string
  name: string
  onReal(store: LeaseStore): Promise<unknown>
  onModel(model: LeaseStoreModel): unknown
}

type Draw = () => Omit<Operation, 'worker'>

function drawOperation(random: Random, known: readonly KnownLease[]): Operation {
  const ttlMs = random.pick(TTLS_MS)
  const shardIds = SHARDS.filter(() => random.chance(0.4))
  const children = shardIds.map((shardId) => ({ shardId, parents: LINEAGE[shardId] ?? [] }))
  // Mostly the newest of each shard.
  const leases = SHARDS.filter(() => random.chance(0.5)).map((shardId) => {
    const all = known.filter((lease) => lease.shardId === shardId)
    return (random.chance(0.8) ? all.at(-1) : random.pick(all)) as KnownLease
  })
  const lease = leases[0] ?? random.pick(known)
  const worker = random.chance(0.7) ? lease.worker : random.pick(WORKERS)
  const marks = leases.map((lease) => ({ ...lease, sequenceNumber: drawPosition(random) }))
  const gone = random.chance(0.2) ? shardIds : []
  const renewal = { ttlMs, isLeaving: random.chance(0.1), utilization: random.int(0, 4) / 4 }
  const loads = leases.map((lease) => ({
    ...lease,
    lagMs: 0,
    bytesPerSecond: random.chance(0.3) ? undefined : random.int(0, 1_000),
  }))
  const bequests = leases.map((lease) => ({ ...lease, heir: random.pick(WORKERS) }))
  const handoffMs = random.pick(TTLS_MS)
  const acquire: Draw = () => ({
    name: `${worker} acquires, holding ${describe(leases)}, for ${ttlMs} ms`,
    onReal: (store) => store.acquire(worker, leases, ttlMs),
    onModel: (model) => model.acquire(worker, leases, ttlMs),
  })
  const operations: Draw[] = [
    // What most depends on the state, and changes it most.
    acquire,
    acquire,
    acquire,
    () => {
      const planned = children.map((child) => ({ ...child, checkpoint: 'TRIM_HORIZON' }))
      return {
        name: `create ${shardIds.join()}`,
        onReal: (store) => store.create(planned),
        onModel: (model) => model.create(planned),
      }
    },
    () => ({
      name: `${worker} renews ${describe(leases)} ${JSON.stringify(renewal)}`,
      onReal: async (store) => toPlain(await store.renew(worker, loads, renewal)),
      onModel: (model) => toPlain(model.renew(worker, loads, renewal)),
    }),
    () => ({
      name: `${worker} hands off ${JSON.stringify(bequests)} in ${handoffMs} ms`,
      onReal: (store) => store.handOff(worker, bequests, handoffMs),
      onModel: (model) => model.handOff(worker, bequests, handoffMs),
    }),
    () => ({
      name: 'read the loads',
      onReal: async (store) => inOrderOfShards(await store.readLoads()),
      onModel: (model) => inOrderOfShards(model.readLoads()),
    }),
    () => ({
      name: `${worker} checkpoints ${JSON.stringify(marks)}`,
      onReal: (store) => store.checkpoint(worker, marks),
      onModel: (model) => model.checkpoint(worker, marks),
    }),
    () => ({
      name: `${worker} completes ${describe([lease])} with ${shardIds.join()}`,
      onReal: (store) => store.complete(worker, lease, children),
      onModel: (model) => model.complete(worker, lease, children),
    }),
    () => ({
      name: `${worker} releases ${describe(leases)}`,
      onReal: (store) => store.release(worker, leases),
      onModel: (model) => model.release(worker, leases),
    }),
    () => ({
      name: `forget ${gone.join()}`,
      onReal: (store) => store.forget(gone),
      onModel: (model) => model.forget(gone),
    }),
    () => ({
      name: 'read the checkpoints',
      onReal: async (store) => inOrder(await store.readCheckpoints()),
      onModel: (model) => inOrder(model.readCheckpoints()),
    }),
  ]
  return { worker, ...random.pick(operations)() }
}

/** Of 9, 10 and 11 digits, whole or a part; now and then no position at all. */
function drawPosition(random: Random): string {
  if (random.chance(0.02)) return random.pick(['LATEST', 'SHARD_END', '', '12x', '7:'])
  const sequenceNumber = `${random.int(9, 11) ** 9 + random.int(0, 3)}`
  return random.chance(0.3) ? `${sequenceNumber}:${random.int(0, 12)}` : sequenceNumber
}

function inOrder(checkpoints: ReadonlyMap<string, string>): (string | null)[] {
  return SHARDS.map((shardId) => checkpoints.get(shardId) ?? null)
}

function toPlain({ lost, handedOff }: Renewal) {
  return { lost, handedOff: [...handedOff] }
}

function inOrderOfShards({ now, workers, leases }: LoadSnapshot): LoadSnapshot {
  return { now, workers, leases: leases.toSorted((a, b) => (a.shardId < b.shardId ? -1 : 1)) }
}

function describe(leases: readonly Lease[]): string {
  return leases.map(({ shardId, epoch }) => `${shardId}@${epoch}`).join()
}

/** Of an error only that it was one. */
async function answerOf(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await ask()) ?? null
  } catch {
    return 'an error'
  }
}

/**
 * The same connection, on which each script runs between two questions for the time, in one transaction. A server's
 * time stands still in a transaction since Redis 7.2; on older ones the two answers say whether it did.
 */
function withServerTime(redis: Redis, clock: { now: number; isExact: boolean }): Redis {
  async function timed(
    command: 'evalsha' | 'eval',
    script: string,
    keys: number,
    ...args: (string | number | Buffer)[]
  ): Promise<unknown> {
    const transaction = redis.multi().time()
    transaction[command](script, keys, ...args)
    const replies = await transaction.time().exec()
    const [before, answer, after] = replies ?? []
    const [start, end] = [before, after].map((reply) => toMs(reply?.[1] as [string, string]))
    clock.now = start ?? 0
    clock.isExact &&= start === end
    if (answer?.[0] != null) throw answer[0]
    return answer?.[1]
  }

  return Object.assign(Object.create(redis) as Redis, {
    evalsha: timed.bind(undefined, 'evalsha'),
    eval: timed.bind(undefined, 'eval'),
  })
}

/** Redis 7.2, and every Valkey, which says to be one. */
async function keepsTime(): Promise<boolean> {
  const [, version = '0'] = /redis_version:(\d+\.\d+)/.exec(await redis.info('server')) ?? []
  return Number(version) >= 7.2
}

function toMs([seconds, microseconds]: [string, string]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
}
