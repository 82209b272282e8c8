import type { ShardRow } from '../../lib/kinesis/shard-table.ts'

type Shard = Pick<ShardRow, 'shardId' | 'parents' | 'owner' | 'checkpoint'>

const SHARD_END = 'SHARD_END'

/** The shards that may be read and that nobody owns: a child is not read before its parents are at their end. */
export function unownedShards(shards: readonly Shard[]): Shard[] {
  const checkpoints = new Map(shards.map(({ shardId, checkpoint }) => [shardId, checkpoint]))
  return shards.filter(
    ({ owner, checkpoint, parents }) =>
      owner === undefined &&
      checkpoint !== SHARD_END &&
      parents.every((parent) => (checkpoints.get(parent) ?? SHARD_END) === SHARD_END),
  )
}

/** The shards that are not read to their end. */
export const openShards = <T extends Shard>(shards: readonly T[]): T[] =>
  shards.filter(({ checkpoint }) => checkpoint !== SHARD_END)
