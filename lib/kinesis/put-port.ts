import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import type { PutPort } from './put-batcher.ts'
import type { ShardMap } from './shard-map.ts'

/** PutRecords to one stream. The map learns from the answers where records went. */
export function createPutPort(kinesis: KinesisClient, stream: string, map?: Pick<ShardMap, 'saw'>): PutPort {
  return async (records) => {
    const response = await kinesis.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
      }),
    )
    const results = response.Records ?? []
    for (const { ShardId } of results) if (ShardId !== undefined) map?.saw(ShardId)
    // A reply of another length says nothing about any record: none of them counts as taken.
    return records.map((_record, i) =>
      results.length === records.length ? results[i]?.ErrorCode : 'UnexpectedReply',
    )
  }
}
