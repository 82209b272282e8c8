import t from 'tap'
import { ALL_HASH_KEYS, findHoles, type HashKeyRange } from '../../../lib/kinesis/hash-key-range.ts'
import { type ListedShard, planLeases, type StartPosition } from '../../../lib/kinesis/plan-leases.ts'
import { createRandom, type Random } from '../../simulation/random.ts'

/** `shard('2', '0', '1')`: open, merged from 0 and 1. Sequence numbers follow the ids. */
function shard(shardId: string, ...parents: string[]): ListedShard {
  return { shardId, parents, startingSequenceNumber: `${shardId}0`, isOpen: true, hashKeys: ALL_HASH_KEYS }
}
const closed = (listed: ListedShard): ListedShard => ({ ...listed, isOpen: false })

function plan(
  shards: ListedShard[],
  leases: Record<string, 'held' | 'ended'> = {},
  position: StartPosition = 'TRIM_HORIZON',
) {
  const map = new Map(Object.entries(leases).map(([shardId, state]) => [shardId, state === 'ended']))
  return planLeases(shards, map, position).map((lease) => `${lease.shardId} ${lease.checkpoint}`)
}

t.test('a new application misses shards of a stream, or begins with children', async (t) => {
  const stream = [closed(shard('1')), closed(shard('2')), shard('3', '1', '2'), shard('4')]
  t.strictSame(plan(stream), ['1 TRIM_HORIZON', '2 TRIM_HORIZON', '4 TRIM_HORIZON'])
  t.strictSame(plan(stream, {}, 'LATEST'), ['3 LATEST', '4 LATEST'])
})

t.test('a child starts while one of its two parents has not ended', async (t) => {
  const stream = [closed(shard('1')), closed(shard('2')), shard('3', '1', '2')]
  t.strictSame(plan(stream, { 1: 'held', 2: 'held' }), [])
  t.strictSame(plan(stream, { 1: 'ended', 2: 'held' }), [])
  t.strictSame(plan(stream, { 1: 'ended', 2: 'ended' }), ['3 TRIM_HORIZON'])
})

t.test('a parent whose lease is missing is taken for gone although the stream still has it', async (t) => {
  const stream = [closed(shard('1')), closed(shard('2')), shard('3', '1', '2')]
  t.strictSame(plan(stream, { 1: 'ended' }), ['2 TRIM_HORIZON'])
  t.strictSame(plan(stream.slice(1), { 2: 'ended' }), ['3 TRIM_HORIZON'], 'gone when it is not listed')
})

t.test('children of an ended parent begin at LATEST and lose what came before', async (t) => {
  const stream = [closed(shard('1')), shard('2', '1'), shard('3', '1')]
  t.strictSame(plan(stream, { 1: 'ended', 2: 'held' }, 'LATEST'), ['3 TRIM_HORIZON'])
})

t.test('what came after a parent that left the stream unread is missed, too', async (t) => {
  const stream = [shard('2', '1'), shard('3', '1')]
  t.strictSame(plan(stream, { 1: 'held' }, 'LATEST'), ['2 TRIM_HORIZON', '3 TRIM_HORIZON'])
  t.strictSame(plan(stream, {}, 'LATEST'), ['2 LATEST', '3 LATEST'], 'nothing is known of their parent')
})

t.test(
  'a child of a parent that is still open begins at LATEST, and loses what the parent-s end hides',
  async (t) => {
    const stream = [shard('1'), closed(shard('2')), shard('3', '1', '2')]
    t.strictSame(plan(stream, {}, 'LATEST'), ['1 LATEST'])
  },
)

t.test('a plan is not finished: planning again plans more', async (t) => {
  const stream = [closed(shard('1')), closed(shard('2')), shard('3', '1', '2'), shard('4')]
  for (const position of ['TRIM_HORIZON', 'LATEST'] as const) {
    const leases = new Map(planLeases(stream, new Map(), position).map((lease) => [lease.shardId, false]))
    t.strictSame(planLeases(stream, leases, position), [])
  }
})

t.test('sequence numbers are compared as text or as floating-point numbers', async (t) => {
  const long = '49'.padEnd(56, '0')
  const stream = [
    { ...shard('b'), startingSequenceNumber: `${long}2` },
    { ...shard('a'), startingSequenceNumber: `${long}10` },
    { ...shard('c'), startingSequenceNumber: `${long}1` },
  ]
  t.strictSame(
    planLeases(stream, new Map(), 'TRIM_HORIZON').map((lease) => lease.shardId),
    ['c', 'b', 'a'],
  )
})

t.test('a lineage of many generations exhausts the stack', async (t) => {
  const generations = 20_000
  const stream = Array.from({ length: generations }, (_, i) => ({
    ...shard(`${i}`, ...(i === 0 ? [] : [`${i - 1}`])),
    startingSequenceNumber: `${i}`,
    isOpen: i === generations - 1,
  }))
  t.strictSame(plan(stream), ['0 TRIM_HORIZON'])
  t.strictSame(plan(stream, {}, 'LATEST'), [`${generations - 1} LATEST`])
  t.strictSame(plan(stream, { 7: 'ended' }), ['8 TRIM_HORIZON'])
})

/** A stream after some splits and merges at random places, and the leases that some of its shards have. */
function drawLineage(random: Random) {
  const shards: ListedShard[] = []
  const add = (hashKeys: HashKeyRange, ...parents: number[]) => {
    for (const parent of parents) shards[parent] = closed(shards[parent] as ListedShard)
    shards.push({ ...shard(`${shards.length}`, ...parents.map(String)), hashKeys })
  }
  add(ALL_HASH_KEYS)
  for (let step = 0; step < 20; step++) {
    const open = shards
      .filter((shard) => shard.isOpen)
      .sort((a, b) => (a.hashKeys.start < b.hashKeys.start ? -1 : 1))
    const left = random.pick(open)
    const right = open[open.indexOf(left) + 1]
    if (right !== undefined && random.chance(0.5)) {
      const { start } = left.hashKeys
      add({ start, end: right.hashKeys.end }, Number(left.shardId), Number(right.shardId))
    } else {
      const { start, end } = left.hashKeys
      const middle = start + (end - start) / 2n
      add({ start, end: middle }, Number(left.shardId))
      add({ start: middle + 1n, end }, Number(left.shardId))
    }
  }
  const share = random.next()
  const leased = shards.filter(() => random.chance(share))
  return { shards, leases: new Map(leased.map(({ shardId }) => [shardId, false])) }
}

t.test('after some history of splits and merges a part of the hash keys is nobody-s', async (t) => {
  const broken: object[] = []
  for (let i = 0; i < 500; i++) {
    const { shards, leases } = drawLineage(createRandom(i))
    const position = i % 2 === 0 ? 'TRIM_HORIZON' : 'LATEST'
    const planned = planLeases(shards, leases, position)
    for (const { shardId } of planned) leases.set(shardId, false)
    const covered = shards.filter(({ shardId }) => leases.has(shardId)).map(({ hashKeys }) => hashKeys)
    const again = planLeases(shards, leases, position)
    if (findHoles(covered).length > 0 || again.length > 0) broken.push({ seed: i, shards, planned, again })
  }
  t.strictSame(broken.slice(0, 1), [])
})
