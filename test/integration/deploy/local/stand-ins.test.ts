import { CreateStreamCommand, DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import t from 'tap'
import { createKinesisClient } from '../../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../../lib/aws/s3-client.ts'
import { startKinesalite, startMinistack, startRedis } from '../../../support/servers.ts'
import { waitFor } from '../../../support/wait-for.ts'

t.test('a stand-in of the local stack does not start, or does not answer our clients', async (t) => {
  const [redis, kinesis, ministack] = await Promise.all([
    startRedis(t),
    startKinesalite(t),
    startMinistack(t),
  ])

  const connection = new Redis(redis.url)
  t.equal(await connection.ping(), 'PONG')
  connection.disconnect()

  const streams = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint })
  await streams.send(new CreateStreamCommand({ StreamName: 'raw', ShardCount: 2 }))
  await waitFor(
    'the stream is active',
    async () => {
      const summary = await streams.send(new DescribeStreamSummaryCommand({ StreamName: 'raw' }))
      return summary.StreamDescriptionSummary?.StreamStatus === 'ACTIVE'
    },
    { deadlineMs: 5_000 },
  )
  streams.destroy()

  const buckets = createS3Client({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: ministack.endpoint })
  await buckets.send(new CreateBucketCommand({ Bucket: 'source' }))
  const { Buckets } = await buckets.send(new ListBucketsCommand({}))
  t.strictSame(
    Buckets?.map((bucket) => bucket.Name),
    ['source'],
  )
  buckets.destroy()
})
