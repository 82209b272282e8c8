import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { createStream } from './create-stream.ts'

const RECORDS_PER_PUT = 500
const PUTS_AT_A_TIME = 4

/** Makes a stream whose shards hold equally many records. */
export async function fillStream(
  kinesis: KinesisClient,
  options: { stream: string; shards: number; records: number; recordBytes: number },
): Promise<void> {
  const { stream, shards, records } = options
  await createStream(kinesis, stream, shards)
  const data = Buffer.alloc(options.recordBytes, 'x')
  let put = 0
  async function putSome(): Promise<void> {
    while (put < records) {
      const first = put
      put = Math.min(records, first + RECORDS_PER_PUT)
      const Records = Array.from({ length: put - first }, (_, i) => ({
        Data: data,
        PartitionKey: `key-${first + i}`,
        // The beginning of a shard's range: a new stream divides the hash keys evenly.
        ExplicitHashKey: `${(BigInt((first + i) % shards) * 2n ** 128n) / BigInt(shards)}`,
      }))
      await kinesis.send(new PutRecordsCommand({ StreamName: stream, Records }))
    }
  }
  await Promise.all(Array.from({ length: PUTS_AT_A_TIME }, putSome))
}
