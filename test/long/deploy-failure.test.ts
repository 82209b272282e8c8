import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import { startDeployBench } from '../support/deploy-program.ts'

const bench = await startDeployBench(t)
const { endpoint } = bench
const region = 'us-east-1'
const cloudFormation = new CloudFormationClient({ region, endpoint })
const s3 = new S3Client({ region, endpoint, forcePathStyle: true })
t.teardown(() => {
  for (const client of [cloudFormation, s3]) client.destroy()
})

t.test('a layer fails without a reason, or leaves behind what is in the way of the next try', async (t) => {
  const inTheWay = `roadpulse-source-000000000000-${region}`
  await s3.send(new CreateBucketCommand({ Bucket: inTheWay }))
  const { code, output } = await bench.deploy(['--yes'])
  t.equal(code, 1, output)
  t.match(output, /^network +deployed$/m, 'what came before is kept')
  t.match(output, /could not be deployed \(ROLLBACK_COMPLETE\): SourceBucket \(AWS::S3::Bucket\): .*exist/)
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  t.strictSame(
    Buckets.map(({ Name }) => Name),
    [inTheWay],
    'its own buckets are gone again',
  )
  await s3.send(new DeleteBucketCommand({ Bucket: inTheWay }))
})

t.test(
  'a deploy that is killed leaves something with which the next one cannot go on, or does again',
  async (t) => {
    const killed = await bench.deployKilledAt('building', ['--yes'])
    t.equal(killed.code, null, killed.output)
    t.match(killed.output, /^data +deployed$/m, 'and the layer that failed is made again')
    t.match(killed.output, /^flink +deployed$/m)
    t.notMatch(killed.output, /^fleet +deployed$/m)

    const { code, output } = await bench.deploy(['--yes'])
    t.equal(code, 0, output)
    for (const layer of ['network', 'data', 'ingest', 'flink'])
      t.match(output, new RegExp(`^${layer} +unchanged$`, 'm'))
    for (const layer of ['fleet', 'observability']) t.match(output, new RegExp(`^${layer} +deployed$`, 'm'))
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}))
    t.strictSame(new Set(Stacks.map(({ StackStatus }) => StackStatus)), new Set(['CREATE_COMPLETE']))
  },
)
