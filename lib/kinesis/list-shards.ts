import { type KinesisClient, ListShardsCommand, type Shard, type ShardFilter } from '@aws-sdk/client-kinesis'
import { ALL_HASH_KEYS } from './hash-key-range.ts'
import type { ListedShard } from './plan-leases.ts'
import { streamAddress } from './stream-address.ts'

/** All shards of a stream that are still in its retention, open and closed, or those that the filter lets through. */
export async function listShards(
  kinesis: Pick<KinesisClient, 'send'>,
  stream: string,
  filter?: ShardFilter,
): Promise<ListedShard[]> {
  const shards: ListedShard[] = []
  const first = { ...streamAddress(stream), ...(filter === undefined ? {} : { ShardFilter: filter }) }
  let nextToken: string | undefined
  do {
    // A page is named by its token alone.
    const page = await kinesis.send(
      new ListShardsCommand(nextToken === undefined ? first : { NextToken: nextToken }),
    )
    for (const shard of page.Shards ?? []) shards.push(toListedShard(shard))
    nextToken = page.NextToken
  } while (nextToken !== undefined)
  return shards
}

function toListedShard(shard: Shard): ListedShard {
  const { StartingHashKey, EndingHashKey } = shard.HashKeyRange ?? {}
  return {
    shardId: shard.ShardId ?? '',
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    startingSequenceNumber: shard.SequenceNumberRange?.StartingSequenceNumber ?? '0',
    isOpen: shard.SequenceNumberRange?.EndingSequenceNumber === undefined,
    hashKeys: {
      start: StartingHashKey === undefined ? ALL_HASH_KEYS.start : BigInt(StartingHashKey),
      end: EndingHashKey === undefined ? ALL_HASH_KEYS.end : BigInt(EndingHashKey),
    },
  }
}
