import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { waitFor } from './wait-for.ts'

export async function createStream(kinesis: KinesisClient, name: string, shards: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }))
  await waitUntilActive(kinesis, name)
}

/** After its creation, a split or a merge. */
export async function waitUntilActive(kinesis: KinesisClient, name: string): Promise<void> {
  await waitFor(
    `stream ${name} is active`,
    async () => {
      const reply = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }))
      return reply.StreamDescriptionSummary?.StreamStatus === 'ACTIVE'
    },
    { deadlineMs: 10_000, intervalMs: 20 },
  )
}

/** Puts each text under its own beginning, or under `keyOf` of it, as partition key. */
export async function putTexts(
  kinesis: KinesisClient,
  name: string,
  texts: readonly string[],
  keyOf: (text: string) => string = (text) => text.slice(0, 100),
): Promise<void> {
  for (let i = 0; i < texts.length; i += 500) {
    const records = texts
      .slice(i, i + 500)
      .map((text) => ({ Data: Buffer.from(text), PartitionKey: keyOf(text) }))
    await kinesis.send(new PutRecordsCommand({ StreamName: name, Records: records }))
  }
}
