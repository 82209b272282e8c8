/** One record as its producer put it; those of a KPL aggregate come apart. `arrivedAt`: epoch ms at which Kinesis took it. */
export type KinesisRecord = {
  data: Uint8Array
  partitionKey: string
  /** Where the producer chose the shard by hash key instead of by partition key. */
  explicitHashKey?: string
  sequenceNumber: string
  /** The place in its KPL aggregate, from 0; absent for a record that was put by itself. */
  subSequenceNumber?: number
  /** Why it cannot be read although it came over whole. It is put aside; a handler is never given it. */
  damage?: string
  arrivedAt: number
}
