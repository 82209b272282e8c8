import { hash } from 'node:crypto'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import { listShards } from './list-shards.ts'

/** A reshard is seen by many calls at once, and a list that fails is not asked for without end. */
const REFRESH_INTERVAL_MS = 5_000
/** Of the 128 bits of a hash key, the 48 that a number holds exactly: keys at the very edge of a shard may be misplaced. */
const HASH_DIGITS = 12
const DROPPED_BITS = 128n - 48n

export type ShardMap = {
  /** The open shard that takes records with this key; undefined until the shards are known. */
  shardOf: (partitionKey: string) => string | undefined
  /** How many shards take records; undefined until the shards are known. */
  openShards: () => number | undefined
  /** Tells where a record went. A shard that is not known shows that the stream was resharded. */
  saw(shardId: string): void
}

/** Which shard takes which partition key, by the MD5 of the key as the service has it. */
export function createShardMap(options: {
  kinesis: Pick<KinesisClient, 'send'>
  stream: string
  signal: AbortSignal
  clock: Clock
}): ShardMap {
  const { clock } = options
  let shards: { shardId: string; start: number }[] = []
  let known = new Set<string>()
  let askedAt = Number.NEGATIVE_INFINITY

  async function refresh(): Promise<void> {
    if (clock.monotonic() - askedAt < REFRESH_INTERVAL_MS) return
    askedAt = clock.monotonic()
    // Without a list, or with an old one, records wait for a shard that is not theirs, and nothing else happens.
    const listed = await listShards(options).catch(() => undefined)
    if (listed === undefined) return
    known = new Set(listed.map(({ shardId }) => shardId))
    shards = listed
      .filter(({ isOpen }) => isOpen)
      .map(({ shardId, hashKeys }) => ({ shardId, start: Number(hashKeys.start >> DROPPED_BITS) }))
      .sort((a, b) => a.start - b.start)
  }

  return {
    shardOf(partitionKey) {
      if (shards.length === 0) void refresh()
      const digest = Number.parseInt(hash('md5', partitionKey, 'hex').slice(0, HASH_DIGITS), 16)
      return shards.findLast(({ start }) => start <= digest)?.shardId
    },
    openShards() {
      if (shards.length === 0) void refresh()
      return shards.length === 0 ? undefined : shards.length
    },
    saw(shardId) {
      if (!known.has(shardId)) void refresh()
    },
  }
}
