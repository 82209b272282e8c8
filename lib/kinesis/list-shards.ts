import { type KinesisClient, ListShardsCommand, type Shard } from '@aws-sdk/client-kinesis'
import type { ListedShard } from './plan-leases.ts'

/** All shards of a stream that are still in its retention, open and closed. */
export async function listShards(
  kinesis: Pick<KinesisClient, 'send'>,
  stream: string,
): Promise<ListedShard[]> {
  const shards: ListedShard[] = []
  let nextToken: string | undefined
  do {
    // A page is named by its token alone.
    const page = await kinesis.send(
      new ListShardsCommand(nextToken === undefined ? { StreamName: stream } : { NextToken: nextToken }),
    )
    for (const shard of page.Shards ?? []) shards.push(toListedShard(shard))
    nextToken = page.NextToken
  } while (nextToken !== undefined)
  return shards
}

function toListedShard(shard: Shard): ListedShard {
  return {
    shardId: shard.ShardId ?? '',
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    startingSequenceNumber: shard.SequenceNumberRange?.StartingSequenceNumber ?? '0',
    isOpen: shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
  }
}
