import type { Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import { loadScript } from '../redis/load-script.ts'
import { type LeaseKeys, leaseKeys } from './lease-keys.ts'
import type { PlannedLease } from './plan-leases.ts'
import type { Checkpoint } from './position.ts'

/** A shard that a worker owns. The epoch is the fence: whoever has a smaller one is no longer the owner. */
export type Lease = { shardId: string; epoch: number }

export type AcquiredLease = Lease & { checkpoint: Checkpoint }

/** `active`: leases that are not at SHARD_END and not waiting for a parent. `others`: leases of each other live worker. */
export type Acquisition = { total: number; active: number; others: number[]; acquired: AcquiredLease[] }

export type CheckpointResult = 'accepted' | 'behind' | 'fenced' | 'ended'

export type ChildLease = { shardId: string; parents: readonly string[] }

/**
 * The leases of one application, which reads one stream. Each method is one round trip and atomic; the header of its
 * script in `scripts/` states what it guarantees. Every method may be repeated when its reply was lost.
 */
export type LeaseStore = {
  /** Rejects with `CONFIGURATION` when the application reads another stream already. */
  bindStream(stream: string): Promise<void>
  readCheckpoints(): Promise<Map<string, Checkpoint>>
  /** Resolves to the shards whose leases were made; those that exist are left as they are. */
  create(leases: readonly PlannedLease[]): Promise<string[]>
  /** Resolves to those that had not been read to their end. */
  forget(shardIds: readonly string[]): Promise<string[]>
  acquire(workerId: string, held: readonly Lease[], ttlMs: number): Promise<Acquisition>
  /** Resolves to the shards that are no longer this worker's. A leaving worker no longer counts for the shares. */
  renew(
    workerId: string,
    held: readonly (Lease & { lagMs: number })[],
    options: { ttlMs: number; isLeaving: boolean },
  ): Promise<string[]>
  checkpoint(
    workerId: string,
    marks: readonly (Lease & { sequenceNumber: string })[],
  ): Promise<CheckpointResult[]>
  /** Resolves to false when the caller is no longer the owner. */
  complete(workerId: string, lease: Lease, children: readonly ChildLease[]): Promise<boolean>
  release(workerId: string, leases: readonly Lease[]): Promise<void>
  /** Calls `listener` whenever leases were made, released or completed by anyone. Resolves to the way to end it. */
  subscribe(listener: () => void): Promise<() => Promise<void>>
}

const script = (name: string) => loadScript(new URL(`./scripts/${name}.lua`, import.meta.url))
const ACQUIRE = script('acquire-leases')
const RENEW = script('renew-leases')
const CHECKPOINT = script('checkpoint-shards')
const COMPLETE = script('complete-shard')
const RELEASE = script('release-leases')
const CREATE = script('create-leases')
const FORGET = script('forget-leases')

export function createLeaseStore(options: { redis: Redis; application: string }): LeaseStore {
  const { redis } = options
  const keys = leaseKeys(options.application)
  return {
    async bindStream(stream) {
      await redis.setnx(keys.stream, stream)
      const bound = await redis.get(keys.stream)
      if (bound !== stream) {
        throw new RoadpulseError(
          'CONFIGURATION',
          `the application ${options.application} reads the stream ${bound ?? ''}, not ${stream}: give this one another name`,
        )
      }
    },

    async readCheckpoints() {
      return new Map(Object.entries(await redis.hgetall(keys.checkpoints)))
    },

    async create(leases) {
      if (leases.length === 0) return []
      const args = leases.flatMap((lease) => [lease.shardId, lease.parents.join(','), lease.checkpoint])
      const created = await CREATE.run(
        redis,
        [keys.checkpoints, keys.parents, keys.expiries],
        [keys.channel, ...args],
      )
      return created as string[]
    },

    async forget(shardIds) {
      if (shardIds.length === 0) return []
      return (await FORGET.run(redis, allKeys(keys), shardIds)) as string[]
    },

    async acquire(workerId, held, ttlMs) {
      const reply = await ACQUIRE.run(
        redis,
        [keys.owners, keys.epochs, keys.expiries, keys.checkpoints, keys.parents, keys.workers],
        [workerId, ttlMs, ...held.map((lease) => lease.shardId)],
      )
      const [total, active, others, acquired] = reply as [number, number, number[], string[]]
      return { total, active, others, acquired: toAcquiredLeases(acquired) }
    },

    async renew(workerId, held, { ttlMs, isLeaving }) {
      const args = held.flatMap((lease) => [lease.shardId, lease.epoch, Math.round(lease.lagMs)])
      const lost = await RENEW.run(
        redis,
        [keys.owners, keys.epochs, keys.expiries, keys.lags, keys.workers],
        [workerId, ttlMs, isLeaving ? 'leaving' : 'present', ...args],
      )
      return lost as string[]
    },

    async checkpoint(workerId, marks) {
      if (marks.length === 0) return []
      const args = marks.flatMap((mark) => [mark.shardId, mark.epoch, mark.sequenceNumber])
      const results = await CHECKPOINT.run(
        redis,
        [keys.owners, keys.epochs, keys.checkpoints, keys.checkpointTimes],
        [workerId, ...args],
      )
      return results as CheckpointResult[]
    },

    async complete(workerId, lease, children) {
      const args = children.flatMap((child) => [child.shardId, child.parents.join(',')])
      const reply = await COMPLETE.run(redis, allKeys(keys), [
        workerId,
        keys.channel,
        lease.shardId,
        lease.epoch,
        ...args,
      ])
      return reply === 1
    },

    async release(workerId, leases) {
      if (leases.length === 0) return
      const args = leases.flatMap((lease) => [lease.shardId, lease.epoch])
      await RELEASE.run(
        redis,
        [keys.owners, keys.epochs, keys.expiries, keys.lags],
        [workerId, keys.channel, ...args],
      )
    },

    async subscribe(listener) {
      // A connection that subscribes can do nothing else. It subscribes again by itself when it reconnects.
      const subscriber = redis.duplicate()
      subscriber.on('error', () => {
        // The store's own connection reports the same server; a missed message only costs one heartbeat.
      })
      subscriber.on('message', listener)
      await subscriber.subscribe(keys.channel)
      return async () => subscriber.disconnect()
    },
  }
}

function allKeys(keys: LeaseKeys): string[] {
  return [
    keys.owners,
    keys.epochs,
    keys.expiries,
    keys.checkpoints,
    keys.checkpointTimes,
    keys.parents,
    keys.lags,
  ]
}

function toAcquiredLeases(flat: readonly string[]): AcquiredLease[] {
  const leases: AcquiredLease[] = []
  for (let i = 0; i + 2 < flat.length; i += 3) {
    leases.push({
      shardId: flat[i] as string,
      epoch: Number(flat[i + 1]),
      checkpoint: flat[i + 2] as string,
    })
  }
  return leases
}
