import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { CreateJobCommand, DeleteJobCommand, GlueClient } from '@aws-sdk/client-glue'
import { ListStreamsCommand } from '@aws-sdk/client-kinesis'
import { HeadObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import t from 'tap'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { startDeployBench } from '../support/deploy-program.ts'

const bench = await startDeployBench(t)
const region = 'us-east-1'
const address = { AWS_REGION: region, AWS_ENDPOINT_URL: bench.endpoint }
const s3 = createS3Client(address)
const kinesis = createKinesisClient(address)
const glue = new GlueClient({ region, endpoint: bench.endpoint })
const cloudFormation = new CloudFormationClient({ region, endpoint: bench.endpoint })
t.teardown(() => {
  for (const client of [s3, kinesis, glue, cloudFormation]) client.destroy()
})
const kept = { Bucket: `roadpulse-source-000000000000-${region}`, Key: 'csv/a.csv' }

t.before(async () => {
  const { code, output } = await bench.deploy(['--yes'])
  if (code !== 0) throw new Error(output)
  await s3.send(new PutObjectCommand({ ...kept, Body: 'ID\n' }))
})

t.test('a dry run, or a run that nobody confirms, takes something away', async (t) => {
  const dry = await bench.teardown(['--dry-run'])
  t.equal(dry.code, 0, dry.output)
  t.match(dry.output, /^fleet +goes: \d\d resources$/m)
  t.match(dry.output, /^streams +stays: roadpulse-raw, \$51\.10 a month$/m)
  t.equal((await bench.teardown([])).code, 2)
  t.equal((await bench.teardown(['--yes', '--with-data'], 'road\n')).code, 2, 'with another name')
  t.equal((await stackNames()).length, 6)
})

t.test('what costs money stays, or what holds data goes', async (t) => {
  const { code, output } = await bench.teardown(['--yes'])
  t.equal(code, 0, output)
  const gone = [...output.matchAll(/^(\w+) +gone$/gm)].map(([, layer]) => layer)
  t.strictSame(gone, ['observability', 'fleet', 'flink', 'ingest', 'network'])
  t.ok(output.indexOf('stopped') < output.indexOf('flink          gone'), 'the job is stopped first')
  t.match(output, 'nothing of roadpulse is left, but for the data')
  t.match(output, /together \$103\.20 a month/)
  t.strictSame(await stackNames(), ['roadpulse-data'])
})

t.test('something that no stack holds is left, and nobody is told', async (t) => {
  const Name = 'roadpulse-curate'
  const Command = { Name: 'glueetl', ScriptLocation: 's3://a/b.py' }
  await glue.send(new CreateJobCommand({ Name, Role: 'a', Command }))
  await leaveChangeSet('roadpulse-network')
  const { code, output } = await bench.teardown(['--yes'])
  t.equal(code, 1)
  t.match(output, /^network +gone$/m, 'also what was only looked at')
  t.match(output, /^Glue job +is left: roadpulse-curate/m)
  await glue.send(new DeleteJobCommand({ JobName: Name }))
})

t.test('a deploy after a teardown does not find its data again', async (t) => {
  const { code, output } = await bench.deploy(['--yes'])
  t.equal(code, 0, output)
  t.match(output, /^data +unchanged$/m)
  await t.resolves(s3.send(new HeadObjectCommand(kept)))
})

t.test('data stays although its deletion was confirmed', async (t) => {
  const { code, output } = await bench.teardown(['--yes', '--with-data'], 'roadpulse\n')
  t.equal(code, 0, output)
  t.match(output, /nothing of roadpulse is left$/m)
  t.strictSame(await stackNames(), [])
  t.strictSame((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], [])
  t.strictSame((await kinesis.send(new ListStreamsCommand({}))).StreamNames, [])
})

/** What a deploy leaves that is killed while it shows what it would do. */
async function leaveChangeSet(StackName: string): Promise<void> {
  const Resources = { Topic: { Type: 'AWS::SNS::Topic' } }
  await cloudFormation.send(
    new CreateChangeSetCommand({
      StackName,
      ChangeSetName: 'left',
      ChangeSetType: 'CREATE',
      TemplateBody: JSON.stringify({ Resources }),
    }),
  )
}

async function stackNames(): Promise<string[]> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}))
  return Stacks.map(({ StackName = '' }) => StackName)
}
