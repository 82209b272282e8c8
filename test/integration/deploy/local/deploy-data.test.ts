import { DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { HeadBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { copyStreams, deployData } from '../../../../deploy/local/deploy-data.ts'
import { createKinesisClient } from '../../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../../lib/aws/s3-client.ts'
import { endServer, startKinesalite, startMinistack } from '../../../support/servers.ts'

t.test(
  'the template of the data layer does not deploy, or its streams get another number of shards',
  async (t) => {
    const [kinesis, ministack] = await Promise.all([startKinesalite(t), startMinistack(t)])
    const address = addressOf(ministack.endpoint)
    const { data, isNew } = await deployData({ address, shards: 3 })
    t.ok(isNew)
    t.strictSame(
      await deployData({ address, shards: 3 }),
      { data, isNew: false, leftOut: [] },
      'a second deploy changes nothing',
    )

    const target = { ...address, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint }
    const names = [data.RawStreamName, data.ProcessedStreamName]
    await copyStreams(names, target)
    await copyStreams(names, target)
    const client = createKinesisClient(target)
    for (const name of names) {
      const { StreamDescriptionSummary } = await client.send(
        new DescribeStreamSummaryCommand({ StreamName: name }),
      )
      t.equal(StreamDescriptionSummary?.OpenShardCount, 3, name)
    }
    client.destroy()

    const s3 = createS3Client(address)
    for (const bucket of [
      data.SourceBucketName,
      data.RawBucketName,
      data.AnalyticsBucketName,
      data.DeadLetterBucketName,
    ]) {
      await t.resolves(s3.send(new HeadBucketCommand({ Bucket: bucket })), bucket)
    }
    s3.destroy()
  },
)

t.test('a stand-in that is killed forgets what was deployed, or its objects', async (t) => {
  const state = t.testdir()
  const deployed = await startMinistack(t, state)
  const { data } = await deployData({ address: addressOf(deployed.endpoint), shards: 1 })
  await endServer(deployed, 'SIGTERM')

  const used = await startMinistack(t, state)
  const before = createS3Client(addressOf(used.endpoint))
  await before.send(new PutObjectCommand({ Bucket: data.SourceBucketName, Key: 'a.csv', Body: 'ID\n' }))
  before.destroy()
  await endServer(used, 'SIGKILL')

  const again = await startMinistack(t, state)
  t.strictSame(await deployData({ address: addressOf(again.endpoint), shards: 1 }), {
    data,
    isNew: false,
    leftOut: [],
  })
  const after = createS3Client(addressOf(again.endpoint))
  const { Contents } = await after.send(new ListObjectsV2Command({ Bucket: data.SourceBucketName }))
  t.strictSame(
    Contents?.map((object) => object.Key),
    ['a.csv'],
  )
  after.destroy()
})

const addressOf = (endpoint: string) => ({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })
