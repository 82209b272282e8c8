import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { retry } from '../retry.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { AcquiredLease, Lease, LeaseStore } from './lease-store.ts'
import { planMoves } from './plan-moves.ts'

/** A lease is given up this share of its time to live before it runs out: timers are late and clocks drift. */
const SAFETY_SHARE = 0.1
const RELEASE_BACKOFF = { baseMs: 100, maxMs: 1_000 }
/** How often moves are planned. Not at each heartbeat: fleets change in bursts. */
const HEARTBEATS_PER_PLAN = 3
/** A lease that is handed off passes to its heir after so long, at least two times to live, whatever its owner does. */
const HANDOFF_DEADLINE_MS = 15_000

export type LeaseKeeperOptions = {
  store: LeaseStore
  workerId: string
  ttlMs: number
  heartbeatMs: number
  /** How far behind a shard is, for those who look at the leases. */
  lagOf(shardId: string): number
  /** What a shard carries; undefined while that is not known. */
  bytesPerSecondOf(shardId: string): number | undefined
  /** The share of time, since the last call, that this process was busy. */
  utilization(): number
  onAcquired(lease: AcquiredLease): void
  /** The lease is gone, or could be given away before it can be renewed: stop at once. */
  onLost(lease: Lease): void
  /** The lease is to pass to another worker: finish what is in hand, then `release` it. May come more than once. */
  onHandOff(lease: Lease): void
  /** There are no leases at all: a new application, or a store that lost everything. */
  onEmptyTable(): void
  clock: Clock
  random?: () => number
  log: Log
  metrics: ConsumerMetrics
}

/** Keeps the leases of one worker: takes, renews, gives back, and fences itself when it cannot renew. */
export type LeaseKeeper = {
  /** Heartbeats until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Something changed: look for leases now instead of at the next heartbeat. */
  wake(): void
  /** Whether the lease cannot have been given away yet. */
  isHeld(lease: Lease): boolean
  /** Never rejects: what the store does not hear of runs out by itself. */
  release(lease: Lease): Promise<void>
  /** The shard has ended: there is nothing to renew any more. */
  forget(lease: Lease): void
  /** Takes no more leases and leaves the shares to the others; goes on renewing what is held. Never rejects. */
  leave(): Promise<void>
}

/** `validUntil`: by the monotonic clock, when this worker must have stopped. */
type HeldLease = Lease & { validUntil: number }

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { store, workerId, clock, random = Math.random, log } = options
  const changes = options.metrics.counter('consumer_lease_changes_total')
  const takeovers = options.metrics.counter('consumer_lease_takeovers_total')
  const owned = options.metrics.gauge('consumer_shards_owned')
  const safetyMs = options.ttlMs * SAFETY_SHARE
  const validMs = options.ttlMs - safetyMs
  const held = new Map<string, HeldLease>()
  let isLeaving = false
  let heartbeatsSincePlan = Math.floor(random() * HEARTBEATS_PER_PLAN)
  let isWoken = false
  let sleeping = new AbortController()

  async function beat(): Promise<void> {
    // The store counts from when it gets the call, so counting from before the call errs on the safe side.
    const sentAt = clock.monotonic()
    const renewed = [...held.values()]
    const { lost, handedOff } = await store.renew(
      workerId,
      renewed.map((lease) => ({
        ...lease,
        lagMs: options.lagOf(lease.shardId),
        bytesPerSecond: options.bytesPerSecondOf(lease.shardId),
      })),
      { ttlMs: options.ttlMs, isLeaving, utilization: options.utilization() },
    )
    for (const lease of renewed) {
      if (held.get(lease.shardId) !== lease) continue
      const leftMs = handedOff.get(lease.shardId)
      if (lost.includes(lease.shardId)) lose(lease, 'another worker owns it')
      else lease.validUntil = sentAt + Math.min(validMs, (leftMs ?? Number.POSITIVE_INFINITY) - safetyMs)
      // Here and not where it was announced: the answer to that may have been lost.
      if (leftMs !== undefined) options.onHandOff(lease)
    }
    if (isLeaving) return
    await take()
    if (++heartbeatsSincePlan < HEARTBEATS_PER_PLAN) return
    heartbeatsSincePlan = 0
    await handOffSurplus()
  }

  async function take(): Promise<void> {
    const sentAt = clock.monotonic()
    const acquisition = await store.acquire(workerId, [...held.values()], options.ttlMs)
    for (const lease of acquisition.acquired) {
      if (isLeaving) {
        await store.release(workerId, [lease])
        continue
      }
      held.set(lease.shardId, { ...lease, validUntil: sentAt + validMs })
      changes.inc({ change: 'acquired' })
      log.info({ shard: lease.shardId, epoch: lease.epoch, checkpoint: lease.checkpoint }, 'lease acquired')
      options.onAcquired(lease)
    }
    takeovers.inc(acquisition.takenOver.length)
    owned.set(held.size)
    if (acquisition.total === 0) options.onEmptyTable()
  }

  async function handOffSurplus(): Promise<void> {
    if (held.size === 0) return
    const moves = planMoves(await store.readLoads()).filter((move) => move.from === workerId)
    const leases = moves.flatMap(({ shardId, to }) => {
      const lease = held.get(shardId)
      return lease === undefined ? [] : [{ ...lease, heir: to }]
    })
    const deadlineMs = Math.max(HANDOFF_DEADLINE_MS, 2 * options.ttlMs)
    const announced = await store.handOff(workerId, leases, deadlineMs)
    if (announced.length === 0) return
    log.info({ leases: leases.filter(({ shardId }) => announced.includes(shardId)) }, 'leases handed off')
    // The renewal tells of the deadline.
    wake()
  }

  function lose(lease: HeldLease, reason: string): void {
    held.delete(lease.shardId)
    owned.set(held.size)
    changes.inc({ change: 'lost' })
    log.warn({ shard: lease.shardId, epoch: lease.epoch, reason }, 'lease lost')
    options.onLost(lease)
  }

  function wake(): void {
    isWoken = true
    sleeping.abort()
  }

  /** Independent of the heartbeats, which may hang: nothing may be handled under a lease that could be another's. */
  async function watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const lease of held.values()) {
        if (clock.monotonic() >= lease.validUntil) lose(lease, 'it could not be renewed in time')
      }
      await clock.sleep(options.heartbeatMs / 4, signal)
    }
  }

  async function heartbeats(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => sleeping.abort(), { once: true })
    while (!signal.aborted) {
      isWoken = false
      try {
        await beat()
      } catch (error) {
        log.warn({ error: describeError(error) }, 'leases cannot be renewed')
      }
      if (isWoken) continue
      sleeping = new AbortController()
      await clock.sleep(options.heartbeatMs, sleeping.signal)
    }
  }

  return {
    async run(signal) {
      await Promise.all([heartbeats(signal), watch(signal)])
    },
    wake,
    isHeld(lease) {
      const current = held.get(lease.shardId)
      if (current?.epoch !== lease.epoch) return false
      if (clock.monotonic() < current.validUntil) return true
      // For good: whoever asked stops now, and a renewal that is under way would bring the lease back for nobody.
      lose(current, 'it could not be renewed in time')
      return false
    },
    async release(lease) {
      if (held.get(lease.shardId)?.epoch !== lease.epoch) return
      // In one step with the call: an `acquire` in between would take the lease for this worker once more.
      held.delete(lease.shardId)
      owned.set(held.size)
      changes.inc({ change: 'released' })
      try {
        await retry(() => store.release(workerId, [lease]), {
          ...RELEASE_BACKOFF,
          deadlineMs: options.ttlMs,
          isRetryable: () => true,
          clock,
          random,
        })
      } catch (error) {
        log.warn(
          { shard: lease.shardId, error: describeError(error) },
          'lease not released: it runs out by itself',
        )
      }
    },
    forget(lease) {
      held.delete(lease.shardId)
      owned.set(held.size)
      changes.inc({ change: 'completed' })
    },
    async leave() {
      isLeaving = true
      try {
        await store.renew(workerId, [], { ttlMs: options.ttlMs, isLeaving, utilization: 0 })
      } catch (error) {
        log.warn(
          { error: describeError(error) },
          'others learn with the next heartbeat that this worker leaves',
        )
      }
    },
  }
}
