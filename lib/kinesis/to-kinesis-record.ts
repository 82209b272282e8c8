import type { ChildShard, _Record as OutputRecord } from '@aws-sdk/client-kinesis'
import type { KinesisRecord } from './kinesis-record.ts'
import type { ChildLease } from './lease-store.ts'

/** From the SDK's type, in which everything may be absent. */
export function toKinesisRecord(record: OutputRecord): KinesisRecord {
  return {
    data: record.Data ?? new Uint8Array(),
    partitionKey: record.PartitionKey ?? '',
    sequenceNumber: record.SequenceNumber ?? '',
    arrivedAt: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
  }
}

export function toChildLease(child: ChildShard): ChildLease {
  return { shardId: child.ShardId ?? '', parents: child.ParentShards ?? [] }
}
