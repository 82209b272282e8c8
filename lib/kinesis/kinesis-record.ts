/** One record of a shard. `arrivedAt`: epoch ms at which Kinesis took it. */
export type KinesisRecord = {
  data: Uint8Array
  partitionKey: string
  sequenceNumber: string
  arrivedAt: number
}
