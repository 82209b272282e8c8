import { InvalidArgumentException, type ListShardsInput, type Shard } from '@aws-sdk/client-kinesis'
import { pino } from 'pino'
import t from 'tap'
import type { LeaseStore } from '../../../lib/kinesis/lease-store.ts'
import type { StartPosition } from '../../../lib/kinesis/plan-leases.ts'
import { createShardSync } from '../../../lib/kinesis/shard-sync.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const never = new AbortController().signal
const QUARTER = 2n ** 126n
/** The quarters of the hash keys from `from` up to `to`; open unless it is `closed`. */
function shard(ShardId: string, from: number, to: number, parents: string[] = [], state = 'open'): Shard {
  const [ParentShardId, AdjacentParentShardId] = parents
  return {
    ShardId,
    ParentShardId,
    AdjacentParentShardId,
    HashKeyRange: {
      StartingHashKey: `${BigInt(from) * QUARTER}`,
      EndingHashKey: `${BigInt(to) * QUARTER - 1n}`,
    },
    SequenceNumberRange: {
      StartingSequenceNumber: `${ShardId}0`,
      EndingSequenceNumber: state === 'closed' ? `${ShardId}9` : undefined,
    },
  }
}

/** `list` is what the service says; `leases` what the store holds. */
function setUp(
  list: (input: ListShardsInput) => Shard[],
  leases: Record<string, string> = {},
  startAt: StartPosition = 'TRIM_HORIZON',
) {
  const logged: { level: number; msg: string }[] = []
  const table = new Map(Object.entries(leases))
  const metrics = createMetrics('test', '0')
  const store: Partial<LeaseStore> = {
    async bindStream() {},
    readCheckpoints: async () => new Map(table),
    async create(planned) {
      const created = planned.filter(({ shardId }) => !table.has(shardId))
      for (const { shardId, checkpoint } of created) table.set(shardId, checkpoint)
      return created.map(({ shardId }) => shardId)
    },
    async forget(shardIds) {
      const unfinished = shardIds.filter((shardId) => table.get(shardId) !== 'SHARD_END')
      for (const shardId of shardIds) table.delete(shardId)
      return unfinished
    },
  }
  const sync = createShardSync({
    kinesis: {
      send: async ({ input }: { input: ListShardsInput }) => ({ Shards: list(input) }),
    },
    stream: 'stream',
    store: store as LeaseStore,
    startAt,
    clock: createSimulatedClock(1_000),
    log: pino({ level: 'warn' }, { write: (line) => logged.push(JSON.parse(line)) }),
    metrics,
  })
  const repairs = async () => (await metrics.counter('consumer_lease_repairs_total').get()).values[0]?.value
  return { sync, table, logged, repairs, leases: () => Object.fromEntries(table) }
}

const lineage = [shard('1', 0, 4, [], 'closed'), shard('2', 0, 2, ['1']), shard('3', 2, 4, ['1'])]

t.test(
  'an application that begins at a time reads what came before, from the parents of that time',
  async (t) => {
    const { sync, leases } = setUp(
      ({ ShardFilter }) => (ShardFilter?.Type === 'AT_TIMESTAMP' ? lineage.slice(1) : lineage),
      {},
      'AT_TIMESTAMP:7',
    )
    await sync.run(never)
    t.strictSame(leases(), { 2: 'AT_TIMESTAMP:7', 3: 'AT_TIMESTAMP:7' })
  },
)

t.test(
  'a service that does not know filters, or names too much, gives leases to children at once',
  async (t) => {
    const ignores = setUp(() => lineage)
    await ignores.sync.run(never)
    t.strictSame(ignores.leases(), { 1: 'TRIM_HORIZON' })
    const refuses = setUp(({ ShardFilter }) => {
      if (ShardFilter !== undefined)
        throw new InvalidArgumentException({ $metadata: { httpStatusCode: 400 }, message: '' })
      return lineage
    })
    await refuses.sync.run(never)
    t.strictSame(refuses.leases(), { 1: 'TRIM_HORIZON' })
  },
)

t.test('a wish for the latest record is silent, or moves on with each worker', async (t) => {
  const { sync, leases, logged } = setUp(() => lineage, {}, 'LATEST')
  await sync.run(never)
  t.strictSame(leases(), { 2: 'LATEST:1000', 3: 'LATEST:1000' })
  t.equal(logged.length, 1)
})

t.test('children of an ended parent wait until a hole has been seen often enough', async (t) => {
  const { sync, leases } = setUp(() => lineage, { 1: 'SHARD_END', 2: '21' })
  await sync.run(never)
  t.strictSame(leases(), { 1: 'SHARD_END', 2: '21', 3: 'TRIM_HORIZON' })
})

t.test('a lost lease stays lost, or comes back where it never was', async (t) => {
  const { sync, table, logged, repairs } = setUp(() => lineage.slice(1), { 2: '21', 3: '31' })
  await sync.run(never)
  table.set('3', '32')
  await sync.run(never)
  table.delete('3')
  await sync.run(never)
  t.equal(await sync.run(never), false, 'it is looked at again soon')
  t.notOk(table.has('3'), 'a hole can be a moment of a split')
  t.strictSame(logged, [])
  t.equal(await sync.run(never), true)
  t.equal(table.get('3'), '32')
  t.equal(table.get('2'), '21')
  t.match(logged, [{ level: 50, leases: [{ shardId: '3', checkpoint: '32' }] }])
  t.equal(await repairs(), 1)
})

t.test('a worker that never saw the lost lease begins at the latest record', async (t) => {
  const { sync, table } = setUp(() => lineage.slice(1), { 2: '21' }, 'LATEST')
  for (let i = 0; i < 3; i++) await sync.run(never)
  t.equal(table.get('3'), 'TRIM_HORIZON')
})

t.test('a parent that was read to its end is read again for the sake of a lost child', async (t) => {
  const { sync, table } = setUp(() => lineage, { 1: 'SHARD_END', 2: '21', 3: '31' })
  await sync.run(never)
  table.delete('1')
  table.delete('3')
  for (let i = 0; i < 3; i++) await sync.run(never)
  t.strictSame([table.get('1'), table.get('3')], [undefined, '31'])
})

t.test('a parent is read again because its end was lost together with its child', async (t) => {
  let shards = lineage.slice(0, 2)
  const { sync, leases, table } = setUp(() => shards, { 1: 'SHARD_END', 2: '21' })
  await sync.run(never)
  shards = lineage
  table.delete('1')
  await sync.run(never)
  await sync.run(never)
  t.strictSame(leases(), { 2: '21', 3: 'TRIM_HORIZON' })
})

t.test('a hole that moves is repaired while shards are split', async (t) => {
  let shards = [shard('2', 0, 2), shard('3', 2, 4)]
  const { sync, table } = setUp(() => shards, { 2: '21' })
  await sync.run(never)
  await sync.run(never)
  shards = [
    shard('2', 0, 2),
    shard('3', 2, 4, [], 'closed'),
    shard('4', 2, 3, ['3']),
    shard('5', 3, 4, ['3']),
  ]
  table.set('5', '51')
  await sync.run(never)
  t.strictSame([...table.keys()], ['2', '5'])
})

t.test('a lease is removed because its shard was missing from one list', async (t) => {
  let isMissing = true
  const { sync, table, logged } = setUp(
    () => (isMissing ? [shard('2', 0, 4)] : [shard('1', 0, 2), shard('2', 0, 4)]),
    { 1: '11', 2: '21', 0: 'SHARD_END' },
  )
  await sync.run(never)
  t.ok(table.has('1'))
  t.ok(table.has('0'), 'also of what was read to its end: a shard that lived for a moment is listed later')
  isMissing = false
  await sync.run(never)
  isMissing = true
  await sync.run(never)
  t.ok(table.has('1'), 'not twice in a row')
  t.notOk(table.has('0'))
  await sync.run(never)
  t.notOk(table.has('1'))
  t.match(logged, [{ level: 50, shards: ['1'] }])
})

t.test('a list that contradicts itself is believed', async (t) => {
  const torn = [shard('1', 0, 4), shard('2', 0, 2, ['1'], 'closed'), shard('3', 2, 4, ['1'])]
  let lists = 0
  const { sync, leases } = setUp(() => (++lists < 4 ? torn : lineage), { 1: '11' })
  await sync.run(never)
  t.equal(lists, 3, 'it is asked for again')
  t.strictSame(leases(), { 1: '11' })
})
