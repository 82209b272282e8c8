import { Cluster, Redis } from 'ioredis'
import t from 'tap'
import { type AcquiredLease, createLeaseStore, type LeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { setCheckpoint } from '../../../lib/kinesis/set-checkpoint.ts'
import { readShardTable } from '../../../lib/kinesis/shard-table.ts'
import { freePort, startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const TTL_MS = 60_000
const SHORT_TTL_MS = 30

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())

let applications = 0
/** A store of its own with leases for these shards: `create('1', '2', '3<1,2')`. */
async function create(...shards: string[]): Promise<{ store: LeaseStore; application: string }> {
  const application = `test-${++applications}`
  const store = createLeaseStore({ redis, application })
  await store.create(
    shards.map((shard) => {
      const [shardId = '', parents] = shard.split('<')
      return { shardId, parents: parents?.split(',') ?? [], checkpoint: 'TRIM_HORIZON' as const }
    }),
  )
  return { store, application }
}

async function acquire(store: LeaseStore, worker: string, held: string[] = [], ttlMs = TTL_MS) {
  const leases = held.map((shardId) => ({ shardId, epoch: 0 }))
  return (await store.acquire(worker, leases, ttlMs)).acquired
}

async function acquireOne(store: LeaseStore, worker: string, shardId = '1'): Promise<AcquiredLease> {
  const lease = (await acquire(store, worker)).find((lease) => lease.shardId === shardId)
  if (lease === undefined) throw new Error(`${worker} did not acquire ${shardId}`)
  return lease
}

const present = { ttlMs: TTL_MS, isLeaving: false, utilization: 0 }
const carrying = { lagMs: 0, bytesPerSecond: undefined }
const join = (store: LeaseStore, worker: string) => store.renew(worker, [], present)

t.test('two workers own one shard', async (t) => {
  const { store } = await create('1', '2')
  const first = await acquire(store, 'a')
  t.strictSame(first.map((lease) => lease.shardId).sort(), ['1', '2'])
  t.strictSame(await acquire(store, 'b'), [])
})

t.test('an epoch is used twice, also when the store lost an increment', async (t) => {
  const { store, application } = await create('1')
  const [first] = await acquire(store, 'a')
  await store.release('a', first ? [first] : [])
  await redis.hset(`kinesis:{${application}}:epochs`, '1', (first?.epoch ?? 0) + 1_000_000)
  const [second] = await acquire(store, 'b')
  t.equal(second?.epoch, (first?.epoch ?? 0) + 1_000_001, 'above the stored one')
  await store.release('b', second ? [second] : [])
  await redis.hdel(`kinesis:{${application}}:epochs`, '1')
  const before = Date.now() - 1_000
  const [third] = await acquire(store, 'c')
  t.ok((third?.epoch ?? 0) > before, 'above the time when nothing is stored')
})

t.test('a lease that its owner gave back, or that comes back to it, counts as taken over', async (t) => {
  const { store } = await create('1')
  const takenOver = async (worker: string) => (await store.acquire(worker, [], SHORT_TTL_MS)).takenOver
  t.strictSame(await takenOver('a'), [], 'nobody had it')
  t.strictSame(await takenOver('a'), [], 'it had it itself')
  await store.release('a', await acquire(store, 'a'))
  t.strictSame(await takenOver('a'), [], 'it was given back')
  await waitFor('b takes it from a', async () => (await takenOver('b'))[0] === '1', {
    deadlineMs: 2_000,
    intervalMs: 5,
  })
})

t.test('an expired lease stays with a dead worker', async (t) => {
  const { store } = await create('1')
  const [old] = await acquire(store, 'a', [], SHORT_TTL_MS)
  const [taken] = await waitFor(
    'b takes over',
    async () => {
      const leases = await acquire(store, 'b')
      return leases.length > 0 ? leases : undefined
    },
    { deadlineMs: 2_000, intervalMs: 5 },
  )
  t.ok((taken?.epoch ?? 0) > (old?.epoch ?? 0))
  const renewal = await store.renew('a', [{ shardId: '1', epoch: old?.epoch ?? 0, ...carrying }], present)
  t.strictSame(renewal.lost, ['1'])
})

t.test('leases that a lost reply gave are nobody-s until they expire', async (t) => {
  const { store } = await create('1')
  const [lost] = await acquire(store, 'a')
  const [again] = await acquire(store, 'a')
  t.equal(again?.shardId, '1')
  t.ok((again?.epoch ?? 0) > (lost?.epoch ?? 0))
  t.strictSame(await acquire(store, 'a', ['1']), [], 'not those it holds')
})

t.test('a fenced worker overwrites its successor-s checkpoint', async (t) => {
  const { store } = await create('1')
  const old = await acquireOne(store, 'a')
  const current = await acquireOne(store, 'a')
  t.strictSame(await store.checkpoint('a', [{ ...old, sequenceNumber: '99' }]), ['fenced'], 'an old epoch')
  t.strictSame(
    await store.checkpoint('b', [{ ...current, sequenceNumber: '99' }]),
    ['fenced'],
    'another worker',
  )
  t.strictSame(await store.checkpoint('a', [{ ...current, sequenceNumber: '5' }]), ['accepted'])
  t.equal((await store.readCheckpoints()).get('1'), '5')
  t.notOk(await store.complete('a', old, []), 'nor does it end the shard')
})

t.test('a checkpoint goes back, or numbers of 56 digits are compared with 53 bits', async (t) => {
  const { store } = await create('1')
  const lease = await acquireOne(store, 'a')
  const base = '4965'.padEnd(55, '1')
  const mark = async (sequenceNumber: string) =>
    (await store.checkpoint('a', [{ ...lease, sequenceNumber }]))[0]
  t.equal(await mark(`${base}2`), 'accepted')
  t.equal(await mark(`${base}1`), 'behind')
  t.equal(await mark(`${base}2`), 'behind')
  t.equal(await mark(base), 'behind', 'one digit less')
  t.equal(await mark(`${base}3`), 'accepted')
  t.equal(await mark(`${base}30`), 'accepted', 'one digit more')
  t.equal(await mark(base.replaceAll(/./g, '9')), 'behind', 'fewer digits, though greater as text')
  for (const position of ['LATEST', '7:', ':7', '7:x', '']) await t.rejects(mark(position), 'only positions')
})

t.test('a checkpoint inside an aggregate goes back, or goes on before the aggregate is done', async (t) => {
  const { store } = await create('1')
  const lease = await acquireOne(store, 'a')
  const mark = async (sequenceNumber: string) =>
    (await store.checkpoint('a', [{ ...lease, sequenceNumber }]))[0]
  t.equal(await mark('49:9'), 'accepted')
  t.equal(await mark('49:8'), 'behind')
  t.equal(await mark('49:9'), 'behind')
  t.equal(await mark('49:10'), 'accepted', 'they are numbers')
  t.equal(await mark('49'), 'accepted', 'the whole of it comes last')
  t.equal(await mark('49:11'), 'behind')
  t.equal(await mark('50:0'), 'accepted')
  t.strictSame(await store.readCheckpoints(), new Map([['1', '50:0']]))
})

t.test('a child is acquired before both of its parents have ended', async (t) => {
  const { store } = await create('1', '2')
  const [one, two] = await acquire(store, 'a')
  if (one === undefined || two === undefined) throw new Error('not both acquired')
  const child = { shardId: '3', parents: ['1', '2'] }
  t.ok(await store.complete('a', one, [child]))
  t.strictSame(await acquire(store, 'b'), [])
  t.ok(await store.complete('a', two, [child]))
  t.ok(await store.complete('a', two, [child]), 'the call may be repeated when its reply was lost')
  t.match(await acquire(store, 'b'), [{ shardId: '3', checkpoint: 'TRIM_HORIZON' }])
})

t.test(
  'a child is read before a parent that has no lease yet, for that one waits for its own parents',
  async (t) => {
    // 1 and 2 were merged into 3, and 3 and 4 into 5, before anybody read the end of 1 or 2.
    const { store } = await create('1', '2', '4')
    const [one, two, four] = await acquire(store, 'a')
    if (one === undefined || two === undefined || four === undefined) throw new Error('not all acquired')
    const last = { shardId: '5', parents: ['3', '4'] }
    t.ok(await store.complete('a', four, [last]))
    t.strictSame(await acquire(store, 'b'), [])
    await store.complete('a', one, [{ shardId: '3', parents: ['1', '2'] }])
    await store.complete('a', two, [{ shardId: '3', parents: ['1', '2'] }])
    const three = await acquireOne(store, 'b', '3')
    t.ok(await store.complete('b', three, [last]))
    t.match(await acquire(store, 'b'), [{ shardId: '5' }])
  },
)

t.test('a child begins before its parent-s end is recorded, or an ended shard is read again', async (t) => {
  const { store } = await create('1')
  const lease = await acquireOne(store, 'a')
  await store.checkpoint('a', [{ ...lease, sequenceNumber: '7' }])
  t.ok(await store.complete('a', lease, [{ shardId: '2', parents: ['1'] }]))
  t.strictSame(
    await store.readCheckpoints(),
    new Map([
      ['1', 'SHARD_END'],
      ['2', 'TRIM_HORIZON'],
    ]),
  )
  t.strictSame(await store.checkpoint('a', [{ ...lease, sequenceNumber: '8' }]), ['ended'])
  t.strictSame(
    (await acquire(store, 'a')).map(({ shardId }) => shardId),
    ['2'],
  )
})

t.test('making leases resets those that exist', async (t) => {
  const { store } = await create('1')
  const lease = await acquireOne(store, 'a')
  await store.checkpoint('a', [{ ...lease, sequenceNumber: '7' }])
  const again = ['1', '2'].map((shardId) => ({ shardId, parents: [], checkpoint: 'TRIM_HORIZON' as const }))
  t.strictSame(await store.create(again), ['2'])
  t.equal((await store.readCheckpoints()).get('1'), '7')
})

t.test('one worker takes all shards while others stand by, or the last shard is nobody-s', async (t) => {
  const { store } = await create('1', '2', '3', '4')
  for (const worker of ['a', 'b', 'c']) await join(store, worker)
  t.equal((await acquire(store, 'a')).length, 1, 'the floor, while others have less')
  t.equal((await acquire(store, 'b')).length, 1)
  t.equal((await acquire(store, 'c')).length, 2, 'the ceiling, once nobody has less')
})

t.test('a worker that leaves still counts for the shares', async (t) => {
  const { store } = await create('1', '2')
  await join(store, 'b')
  const mine = await acquire(store, 'a')
  t.equal(mine.length, 1)
  await store.renew('a', [], { ...present, isLeaving: true })
  await store.release('a', mine)
  t.equal((await acquire(store, 'b')).length, 2)
})

t.test('a lease that nobody takes within its share is never taken', async (t) => {
  const { store } = await create('1', '2')
  await join(store, 'b')
  t.equal((await acquire(store, 'a')).length, 1)
  await waitFor(
    'it is taken after a time to live',
    async () => (await acquire(store, 'a', ['1'], SHORT_TTL_MS)).length > 0,
    {
      deadlineMs: 2_000,
      intervalMs: 5,
    },
  )
})

t.test('a worker releases what has become another-s', async (t) => {
  const { store, application } = await create('1')
  const [old] = await acquire(store, 'a')
  const [current] = await acquire(store, 'a')
  await store.release('a', old ? [old] : [])
  await store.release('b', current ? [current] : [])
  t.match(await readShardTable(redis, application), [{ owner: 'a', epoch: current?.epoch }])
})

t.test('the next owner is not told of a release and waits for its heartbeat', async (t) => {
  const { store } = await create('1')
  let told = 0
  const unsubscribe = await store.subscribe(() => told++)
  t.teardown(unsubscribe)
  const leases = await acquire(store, 'a')
  await store.release('a', leases)
  await waitFor('a message', () => told === 1, { deadlineMs: 2_000, intervalMs: 5 })
})

t.test('a shard that left the stream keeps a lease for ever, or goes silently', async (t) => {
  const { store, application } = await create('1', '2')
  await store.complete('a', await acquireOne(store, 'a'), [])
  t.strictSame(await store.forget(['1', '2']), ['2'], 'names what was not read to its end')
  t.strictSame(await readShardTable(redis, application), [])
  t.strictSame(await redis.keys(`kinesis:{${application}}:*`), [])
})

t.test('an application reads two streams and mixes up their shards', async (t) => {
  const { store } = await create()
  await store.bindStream('one')
  await store.bindStream('one')
  await t.rejects(store.bindStream('two'), { code: 'CONFIGURATION' })
})

t.test('the shard table hides an owner, or shows one whose lease has run out', async (t) => {
  const { store, application } = await create('1', '2<1')
  await store.bindStream('stream')
  const lease = await acquireOne(store, 'a')
  await store.renew('a', [{ ...lease, lagMs: 12.4, bytesPerSecond: 99.6 }], present)
  await join(store, 'b')
  await store.handOff('a', [{ ...lease, heir: 'b' }], TTL_MS)
  await store.checkpoint('a', [{ ...lease, sequenceNumber: '7' }])
  const [first, second] = await readShardTable(redis, application)
  t.match(first, {
    stream: 'stream',
    shardId: '1',
    parents: [],
    owner: 'a',
    epoch: lease.epoch,
    msBehindLatest: 12,
    heir: 'b',
    bytesPerSecond: 100,
  })
  t.match(first, { checkpoint: '7', checkpointAt: Number, expiresAt: Number })
  t.strictSame(second, {
    stream: 'stream',
    shardId: '2',
    parents: ['1'],
    epoch: 0,
    checkpoint: 'TRIM_HORIZON',
  })
  await store.renew('a', [{ ...lease, ...carrying }], { ...present, ttlMs: 1 })
  await waitFor(
    'it runs out',
    async () => (await readShardTable(redis, application))[0]?.owner === undefined,
    {
      deadlineMs: 2_000,
      intervalMs: 5,
    },
  )
})

t.test('a handoff brings a lease to somebody else than its heir, or gets stuck', async (t) => {
  const { store } = await create('1', '2', '3')
  const [first, second, third] = await acquire(store, 'a')
  for (const worker of ['a', 'b', 'c']) await join(store, worker)
  const to = (lease: AcquiredLease | undefined, heir: string) => ({ ...(lease as AcquiredLease), heir })
  t.strictSame(await store.handOff('c', [to(first, 'b')], TTL_MS), [], 'only its owner hands a lease off')
  t.strictSame(await store.handOff('a', [to(first, 'd')], TTL_MS), [], 'and only to one who is there')
  t.strictSame(await store.handOff('a', [to(first, 'b'), to(second, 'b')], TTL_MS), ['1', '2'])
  t.strictSame(await store.handOff('a', [to(third, 'b')], 1), ['3'])

  const renewal = await store.renew('a', [{ ...to(first, ''), ...carrying }], present)
  t.ok((renewal.handedOff.get('1') ?? 0) > TTL_MS / 2, 'its owner learns of it, whatever it was answered')
  t.strictSame(await acquire(store, 'c'), [], 'while its owner works, nobody takes it')
  await store.release('a', [to(first, '')])
  t.strictSame(await acquire(store, 'c'), [], 'nor after that, but for the heir')
  const taken = await waitFor(
    'the heir has what is released, and what is overdue',
    async () => {
      const acquired = await acquire(store, 'b', ['1'])
      return acquired.some((lease) => lease.shardId === '3') && acquired
    },
    { deadlineMs: 2_000, intervalMs: 5 },
  )
  t.ok((taken.at(-1)?.epoch ?? 0) > (third?.epoch ?? 0), 'its old owner is fenced')
  t.strictSame((await store.renew('a', [{ ...to(third, ''), ...carrying }], present)).lost, ['3'])

  await store.renew('b', [], { ...present, isLeaving: true })
  await store.release('a', [to(second, '')])
  t.ok(
    (await acquire(store, 'c')).some((lease) => lease.shardId === '2'),
    'an heir that is gone keeps nobody waiting',
  )
})

t.test('an operator moves a checkpoint under a worker that has begun in the meantime', async (t) => {
  const { store, application } = await create('1')
  const set = (shardId: string, checkpoint: string) => setCheckpoint(redis, application, shardId, checkpoint)
  const lease = await acquireOne(store, 'a')
  await store.checkpoint('a', [{ ...lease, sequenceNumber: '7' }])
  t.strictSame(await set('1', '3'), { result: 'owned', before: '7' })
  t.strictSame(await set('2', '3'), { result: 'missing', before: '' })
  await store.release('a', [lease])
  t.strictSame(await set('1', '3'), { result: 'set', before: '7' })
  t.strictSame(await store.checkpoint('a', [{ ...lease, sequenceNumber: '9' }]), ['fenced'])
  t.match(await acquire(store, 'b'), [{ checkpoint: '3' }])
})

t.test('on a cluster the keys of an application are in different slots', async (t) => {
  // By itself it takes the port 10,000 above its own, which an outgoing connection may have.
  const busPort = await freePort()
  const options = `--cluster-enabled yes --cluster-announce-ip 127.0.0.1 --cluster-port ${busPort}`
  const { port } = await startRedis(t, options.split(' '))
  const node = new Redis({ port })
  await node.cluster('ADDSLOTS', ...Array(16_384).keys())
  await waitFor('the cluster is up', async () => (await node.cluster('INFO')).includes('cluster_state:ok'), {
    deadlineMs: 10_000,
  })
  const cluster = new Cluster([{ host: '127.0.0.1', port }])
  t.teardown(() => {
    cluster.disconnect()
    node.disconnect()
  })
  const store = createLeaseStore({ redis: cluster, application: 'clustered' })
  let messages = 0
  const unsubscribe = await store.subscribe(() => messages++)
  await store.create([{ shardId: '1', parents: [], checkpoint: 'TRIM_HORIZON' }])
  for (const worker of ['a', 'b']) await join(store, worker)
  const [lease] = (await store.acquire('a', [], TTL_MS)).acquired as [AcquiredLease]
  t.strictSame(await store.handOff('a', [{ ...lease, heir: 'b' }], TTL_MS), ['1'])
  t.strictSame((await store.renew('a', [{ ...lease, ...carrying }], present)).lost, [])
  t.strictSame(await store.checkpoint('a', [{ ...lease, sequenceNumber: '7' }]), ['accepted'])
  t.match(await store.readLoads(), { leases: [{ owner: 'b', isMoving: true }] })
  await store.release('a', [lease])
  const [taken] = (await store.acquire('b', [], TTL_MS)).acquired as [AcquiredLease]
  t.equal(await store.complete('b', taken, [{ shardId: '2', parents: ['1'] }]), true)
  t.strictSame(await store.forget(['1']), [])
  await waitFor('messages come through', () => messages >= 3, { deadlineMs: 5_000 })
  await unsubscribe()
})
