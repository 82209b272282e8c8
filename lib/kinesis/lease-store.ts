import { Cluster, type Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import { loadScript } from '../redis/load-script.ts'
import { type LeaseKeys, leaseKeys } from './lease-keys.ts'
import type { PlannedLease } from './plan-leases.ts'
import type { LeaseLoad, LoadSnapshot } from './plan-moves.ts'
import type { Checkpoint } from './position.ts'

/** A shard that a worker owns. The epoch is the fence: whoever has a smaller one is no longer the owner. */
export type Lease = { shardId: string; epoch: number }

export type AcquiredLease = Lease & { checkpoint: Checkpoint }

/** `total`: all leases of the application. `takenOver`: the shards that another worker had let run out. */
export type Acquisition = { total: number; acquired: AcquiredLease[]; takenOver: string[] }

/** `bytesPerSecond`: undefined while it is not known yet, which leaves what the last owner has measured. */
export type HeldLoad = Lease & { lagMs: number; bytesPerSecond: number | undefined }

/** `handedOff`: for each lease that is to pass to another worker, the milliseconds until it may be taken. */
export type Renewal = { lost: string[]; handedOff: Map<string, number> }

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
  /** Resolves to whether it is the caller's to do, for so long; one worker of all gets it. */
  takeTurn(task: 'backup' | 'restore', forMs: number): Promise<boolean>
  /** Notes that effects are rebuilt from what the stream holds since `now`, epoch ms; the first note stands. */
  markRebuilt(now: number): Promise<void>
  /** Resolves to the shards whose leases were made; those that exist are left as they are. */
  create(leases: readonly PlannedLease[]): Promise<string[]>
  /** Resolves to those that had not been read to their end. */
  forget(shardIds: readonly string[]): Promise<string[]>
  acquire(workerId: string, held: readonly Lease[], ttlMs: number): Promise<Acquisition>
  /** A leaving worker no longer counts for the shares. `utilization`: the share of time that it is busy. */
  renew(
    workerId: string,
    held: readonly HeldLoad[],
    options: { ttlMs: number; isLeaving: boolean; utilization: number },
  ): Promise<Renewal>
  readLoads(): Promise<LoadSnapshot>
  /** Announces that leases are to pass to their heirs within the deadline; resolves to the shards that are. */
  handOff(
    workerId: string,
    leases: readonly (Lease & { heir: string })[],
    deadlineMs: number,
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
const READ_LOADS = script('read-loads')
const HAND_OFF = script('hand-off-leases')

/** Keeps the leases in Redis 6.2 or newer, or in Valkey, alone or as a cluster: an application has one slot. */
export function createLeaseStore(options: { redis: Redis | Cluster; application: string }): LeaseStore {
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

    async takeTurn(task, forMs) {
      return (await redis.set(keys.turn(task), '1', 'PX', forMs, 'NX')) === 'OK'
    },

    async markRebuilt(now) {
      await redis.setnx(keys.rebuiltSince, now)
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
      const { owners, epochs, expiries, checkpoints, parents, workers, handoffs, moves } = keys
      const reply = await ACQUIRE.run(
        redis,
        [owners, epochs, expiries, checkpoints, parents, workers, handoffs, moves],
        [workerId, ttlMs, ...held.map((lease) => lease.shardId)],
      )
      const [total, acquired, takenOver] = reply as [number, string[], string[]]
      return { total, acquired: toAcquiredLeases(acquired), takenOver }
    },

    async renew(workerId, held, { ttlMs, isLeaving, utilization }) {
      const { owners, epochs, expiries, lags, workers, loads, workerLoads, handoffs } = keys
      const args = held.flatMap(({ shardId, epoch, lagMs, bytesPerSecond }) => [
        shardId,
        epoch,
        Math.round(lagMs),
        bytesPerSecond === undefined ? '' : Math.round(bytesPerSecond),
      ])
      const reply = await RENEW.run(
        redis,
        [owners, epochs, expiries, lags, workers, loads, workerLoads, handoffs],
        [workerId, ttlMs, isLeaving ? 'leaving' : 'present', utilization.toFixed(3), ...args],
      )
      const [lost, handedOff] = reply as [string[], string[]]
      return { lost, handedOff: new Map(pairs(handedOff).map(([shardId, ms]) => [shardId, Number(ms)])) }
    },

    async readLoads() {
      const { owners, expiries, loads, moves, handoffs, workers, workerLoads } = keys
      const reply = await READ_LOADS.run(
        redis,
        [owners, expiries, loads, moves, handoffs, workers, workerLoads],
        [],
      )
      const [now, live, leases] = reply as [string, string[], string[]]
      return {
        now: Number(now),
        workers: pairs(live).map(([workerId, load]) => {
          const [utilization, joinedAt] = load.split(' ').map(Number)
          return { workerId, utilization: utilization ?? 0, joinedAt: joinedAt ?? 0 }
        }),
        leases: toLeaseLoads(leases),
      }
    },

    async handOff(workerId, leases, deadlineMs) {
      if (leases.length === 0) return []
      const args = leases.flatMap((lease) => [lease.shardId, lease.epoch, lease.heir])
      const announced = await HAND_OFF.run(
        redis,
        [keys.owners, keys.epochs, keys.workers, keys.handoffs],
        [workerId, deadlineMs, ...args],
      )
      return announced as string[]
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
      const subscriber = redis instanceof Cluster ? redis.duplicate() : redis.duplicate()
      subscriber.on('error', () => {
        // The store's own connection reports the same server; a missed message only costs one heartbeat.
      })
      subscriber.on('message', listener)
      await subscriber.subscribe(keys.channel)
      return async () => subscriber.disconnect()
    },
  }
}

/** Since when the effects of an application are rebuilt, epoch ms; undefined when its store never lost them. */
export async function readRebuiltSince(
  redis: Redis | Cluster,
  application: string,
): Promise<number | undefined> {
  const since = await redis.get(leaseKeys(application).rebuiltSince)
  return since === null ? undefined : Number(since)
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
    keys.loads,
    keys.moves,
    keys.handoffs,
  ]
}

/** The reply is a flat list of names and their values. */
function pairs(flat: readonly string[]): [string, string][] {
  const result: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) result.push([flat[i] as string, flat[i + 1] as string])
  return result
}

function toLeaseLoads(flat: readonly string[]): LeaseLoad[] {
  const leases: LeaseLoad[] = []
  for (let i = 0; i + 4 < flat.length; i += 5) {
    const movedAt = Number(flat[i + 3])
    leases.push({
      shardId: flat[i] as string,
      owner: flat[i + 1] as string,
      bytesPerSecond: Number(flat[i + 2]),
      ...(movedAt === 0 ? {} : { movedAt }),
      isMoving: flat[i + 4] === '1',
    })
  }
  return leases
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
