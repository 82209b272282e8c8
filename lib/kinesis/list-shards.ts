import {
  type KinesisClient,
  ListShardsCommand,
  type ListShardsInput,
  type Shard,
  type ShardFilter,
} from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import { ALL_HASH_KEYS } from './hash-key-range.ts'
import type { ListedShard } from './plan-leases.ts'
import { streamAddress } from './stream-address.ts'
import { withinDeadline } from './within-deadline.ts'

const PAGE_DEADLINE_MS = 10_000

export type ListShardsOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Its name or its ARN. */
  stream: string
  filter?: ShardFilter
  signal: AbortSignal
  clock: Clock
}

/** All shards of a stream that are still in its retention, open and closed, or those that the filter lets through. */
export async function listShards(options: ListShardsOptions): Promise<ListedShard[]> {
  const { kinesis, stream, filter, signal, clock } = options
  const shards: ListedShard[] = []
  let input: ListShardsInput = {
    ...streamAddress(stream),
    ...(filter === undefined ? {} : { ShardFilter: filter }),
  }
  while (true) {
    const request = new ListShardsCommand(input)
    const page = await withinDeadline((abortSignal) => kinesis.send(request, { abortSignal }), {
      ms: PAGE_DEADLINE_MS,
      signal,
      clock,
    })
    for (const shard of page.Shards ?? []) shards.push(toListedShard(shard))
    if (page.NextToken === undefined) return shards
    // A page is named by its token alone.
    input = { NextToken: page.NextToken }
  }
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
