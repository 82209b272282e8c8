import type { Cluster, Redis } from 'ioredis'
import { leaseKeys } from './lease-keys.ts'
import type { Checkpoint } from './position.ts'

/** A lease as it is shown. Times are epoch ms by the clock of Redis. */
export type ShardRow = {
  stream: string
  shardId: string
  parents: string[]
  /** The worker that owns it; absent when nobody does, or when its lease has run out. */
  owner?: string
  /** The worker that its owner is handing it off to; absent when it stays. */
  heir?: string
  /** 0 when nobody has owned it yet. */
  epoch: number
  checkpoint: Checkpoint
  /** Absent before the first checkpoint. */
  checkpointAt?: number
  /** When the lease runs out; absent when nobody owns it. */
  expiresAt?: number
  /** How far behind its owner said to be at the last renewal. */
  msBehindLatest?: number
  /** What the shard carries, as its owners have measured it; absent when nobody owns it, or while it is not known. */
  bytesPerSecond?: number
}

/** All leases of an application for display, by shard id. An application that is not known reads as empty. */
export async function readShardTable(redis: Redis | Cluster, application: string): Promise<ShardRow[]> {
  const keys = leaseKeys(application)
  const [time, stream, owners, epochs, expiries, checkpoints, times, parents, lags, loads, handoffs] =
    await Promise.all([
      redis.time(),
      redis.get(keys.stream),
      redis.hgetall(keys.owners),
      redis.hgetall(keys.epochs),
      redis.zrange(keys.expiries, '0', '-1', 'WITHSCORES'),
      redis.hgetall(keys.checkpoints),
      redis.hgetall(keys.checkpointTimes),
      redis.hgetall(keys.parents),
      redis.hgetall(keys.lags),
      redis.hgetall(keys.loads),
      redis.hgetall(keys.handoffs),
    ])
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000)
  const expiryOf = toScores(expiries)
  return Object.entries(checkpoints)
    .map(([shardId, checkpoint]): ShardRow => {
      const owner = owners[shardId]
      const expiresAt = expiryOf.get(shardId) ?? 0
      const isOwned = owner !== undefined && expiresAt > now
      const checkpointAt = times[shardId]
      const lag = lags[shardId]
      const load = loads[shardId]
      const heir = handoffs[shardId]?.replace(/^\d+ /, '')
      return {
        stream: stream ?? '',
        shardId,
        parents: (parents[shardId] ?? '').split(',').filter((parent) => parent !== ''),
        ...(isOwned ? { owner, expiresAt } : {}),
        ...(isOwned && heir !== undefined ? { heir } : {}),
        epoch: Number(epochs[shardId] ?? 0),
        checkpoint,
        ...(checkpointAt === undefined ? {} : { checkpointAt: Number(checkpointAt) }),
        ...(isOwned && lag !== undefined ? { msBehindLatest: Number(lag) } : {}),
        ...(isOwned && load !== undefined ? { bytesPerSecond: Number(load) } : {}),
      }
    })
    .sort((a, b) => a.shardId.localeCompare(b.shardId))
}

/** The reply is a flat list of members and their scores. */
function toScores(reply: readonly string[]): Map<string, number> {
  const scores = new Map<string, number>()
  for (let i = 0; i + 1 < reply.length; i += 2) scores.set(reply[i] as string, Number(reply[i + 1]))
  return scores
}
