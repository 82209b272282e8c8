import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis'

/** Makes a stream and waits until it can be used. */
export async function createStream(kinesis: KinesisClient, stream: string, shards: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }))
  for (let status; status !== 'ACTIVE'; ) {
    const reply = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    status = reply.StreamDescriptionSummary?.StreamStatus
  }
}
