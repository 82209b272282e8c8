import { pino } from 'pino'
import t from 'tap'
import { createLeaseKeeper } from '../../../lib/kinesis/lease-keeper.ts'
import type { AcquiredLease, Lease, LeaseStore, Renewal } from '../../../lib/kinesis/lease-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const lease: AcquiredLease = { shardId: 'shard', epoch: 7, checkpoint: 'TRIM_HORIZON' }
const kept: Renewal = { lost: [], handedOff: new Map() }
const metrics = createMetrics('test', '0')

/** Nine tenths of it are between two looks of the keeper at its leases, which are a quarter of a heartbeat apart. */
const TTL_MS = 5_100

/** A keeper that acquires one lease. */
async function setUp(overrides: Partial<LeaseStore>, onHandOff: (lease: Lease) => void = () => {}) {
  const clock = createSimulatedClock()
  const acquired = Promise.withResolvers<Lease>()
  const lost: Lease[] = []
  let left = [lease]
  const keeper = createLeaseKeeper({
    store: {
      async acquire() {
        const taken = left
        left = []
        return { total: 1, acquired: taken, takenOver: [] }
      },
      renew: async () => kept,
      readLoads: async () => ({ now: 0, workers: [], leases: [] }),
      handOff: async () => [],
      release: async () => {},
      ...overrides,
    } as LeaseStore,
    workerId: 'worker',
    ttlMs: TTL_MS,
    heartbeatMs: 1_000,
    lagOf: () => 0,
    onAcquired: (lease) => acquired.resolve(lease),
    onLost: (lease) => lost.push(lease),
    bytesPerSecondOf: () => undefined,
    utilization: () => 0,
    onHandOff,
    onEmptyTable: () => {},
    clock,
    log: pino({ level: 'silent' }),
    metrics,
  })
  const stopping = new AbortController()
  const startedAt = clock.monotonic()
  const done = keeper.run(stopping.signal)
  await acquired.promise
  const stop = async () => {
    stopping.abort()
    await done
  }
  return { keeper, clock, lost, startedAt, stop }
}

t.test('a renewal brings back a lease for which nobody works any more', async (t) => {
  const answer = Promise.withResolvers<Renewal>()
  let calls = 0
  const { keeper, clock, lost, startedAt, stop } = await setUp({
    renew: async () => (++calls === 1 ? kept : answer.promise),
  })
  t.ok(keeper.isHeld(lease))
  while (keeper.isHeld(lease)) await clock.sleep(1)
  t.ok(clock.monotonic() <= startedAt + 0.9 * TTL_MS + 1, 'whoever asks is told at once')
  t.match(lost, [{ shardId: 'shard', epoch: 7 }])
  answer.resolve(kept)
  await clock.sleep(100)
  t.notOk(keeper.isHeld(lease))
  await stop()
})

t.test('a release whose answer is lost ends the worker, or leaves the lease to run out', async (t) => {
  let tries = 0
  const { keeper, stop } = await setUp({
    async release() {
      if (++tries < 3) throw new Error('connection reset')
    },
  })
  await keeper.release(lease)
  t.equal(tries, 3)
  await stop()
})

t.test('a worker that stops while the store is down fails, or tries for ever', async (t) => {
  const { keeper, stop } = await setUp({
    release: () => Promise.reject(new Error('connection refused')),
    async renew(_worker, _held, { isLeaving }) {
      if (isLeaving) throw new Error('connection refused')
      return kept
    },
  })
  await t.resolves(keeper.leave())
  await t.resolves(keeper.release(lease))
  await stop()
})

t.test(
  'a message that comes during a heartbeat is lost, and the next owner waits for the one after',
  async (t) => {
    const first = Promise.withResolvers<void>()
    const beats: 'beat'[] = []
    const { keeper, clock, stop } = await setUp({
      async renew() {
        if (beats.push('beat') === 2) await first.promise
        return kept
      },
    })
    while (beats.length < 2) await clock.sleep(50)
    keeper.wake()
    first.resolve()
    const before = clock.now()
    while (beats.length < 3) await clock.sleep(1)
    t.ok(clock.now() - before < 100, 'at once')
    keeper.wake()
    while (beats.length < 4) await clock.sleep(1)
    t.ok(clock.now() - before < 200, 'nor while it sleeps')
    await stop()
  },
)

t.test('an owner works on beyond the deadline of a handoff, or never learns of it', async (t) => {
  const handedOff: Lease[] = []
  let beats = 0
  const { keeper, clock, lost, stop } = await setUp(
    // The heartbeat is a second.
    { renew: async () => ({ lost: [], handedOff: new Map([['shard', 2_000 - 1_000 * beats++]]) }) },
    (lease) => handedOff.push(lease),
  )
  while (handedOff.length === 0) await clock.sleep(10)
  t.ok(keeper.isHeld(lease))
  const toldAt = clock.monotonic()
  while (lost.length === 0) await clock.sleep(10)
  t.ok(clock.monotonic() - toldAt < 2_000, 'nor is its handler told when the heir may have begun')
  t.match(lost, [{ shardId: 'shard', epoch: 7 }])
  await stop()
})
