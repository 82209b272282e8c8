import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr'
import { DescribeApplicationCommand, KinesisAnalyticsV2Client } from '@aws-sdk/client-kinesis-analytics-v2'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import { imageTag } from '../../../../deploy/aws/image.ts'
import { contentHash } from '../../../../deploy/aws/upload-artifact.ts'
import { LAYERS } from '../../../../deploy/templates/layers.ts'
import { API_TOKENS, startDeployBench } from '../../../support/deploy-program.ts'

const bench = await startDeployBench(t)
const { endpoint } = bench
const region = 'us-east-1'
const cloudFormation = new CloudFormationClient({ region, endpoint })
const ecr = new ECRClient({ region, endpoint })
const flink = new KinesisAnalyticsV2Client({ region, endpoint })
const s3 = new S3Client({ region, endpoint, forcePathStyle: true })
t.teardown(() => {
  for (const client of [cloudFormation, ecr, flink, s3]) client.destroy()
})

const jarKey = `flink/job-${contentHash('the job')}.jar`
const tag = imageTag()

t.test('a dry run, or a run that nobody confirms, changes something', async (t) => {
  const dry = await bench.deploy(['--dry-run'])
  t.equal(dry.code, 0, dry.output)
  for (const layer of LAYERS) t.match(dry.output, new RegExp(`^${layer} .*resources`, 'm'), layer)
  t.match(dry.output, '+ AWS::Kinesis::Stream RawStream')
  t.match(dry.output, /together +4\d\d\.\d\d/, 'what it costs')
  t.match(dry.output, /left out, because the stand-in does not know it: NatAddressA/)

  const unconfirmed = await bench.deploy([])
  t.equal(unconfirmed.code, 2)
  t.match(unconfirmed.output, 'add --yes')
  t.strictSame(await stackStates(), {})
  t.strictSame(bench.dockerCalls(), [])
})

t.test('a deploy leaves out a layer, an artifact, the image or the start of the job', async (t) => {
  const { code, output } = await bench.deploy(['--yes', '--set', 'LiveRate=20'])
  t.equal(code, 0, output)
  t.strictSame(Object.values(await stackStates()), Array(LAYERS.length).fill('CREATE_COMPLETE'))
  t.notMatch(output, API_TOKENS.split(':')[1], 'the secret is not shown')
  const deployed = [...output.matchAll(/^(\w+) +deployed$/gm)].map(([, layer]) => layer)
  t.strictSame(deployed, LAYERS, 'in their order')

  t.ok((await artifacts()).includes(jarKey))
  const registry = `000000000000.dkr.ecr.${region}.amazonaws.com`
  const [login, build] = bench.dockerCalls()
  t.match(login, `login --username AWS --password-stdin ${registry}`)
  t.match(build, `buildx build --platform linux/arm64 --push --tag ${registry}/roadpulse:${tag} `)
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: 'roadpulse' }))
  t.strictSame(
    imageDetails?.flatMap(({ imageTags }) => imageTags),
    [tag],
  )
  const { ApplicationDetail } = await flink.send(
    new DescribeApplicationCommand({ ApplicationName: 'roadpulse' }),
  )
  t.equal(ApplicationDetail?.ApplicationStatus, 'RUNNING')
  t.match(output, /page and api +http:\/\/\S+elb/)
})

t.test('a second deploy of the same changes something, or asks for the secret again', async (t) => {
  const before = { events: await countEvents(), artifacts: await artifacts(), docker: bench.dockerCalls() }
  const { code, output } = await bench.deploy([], {})
  t.equal(code, 0, output)
  t.match(output, 'until now')
  t.strictSame(
    { events: await countEvents(), artifacts: await artifacts(), docker: bench.dockerCalls() },
    before,
  )
})

t.test('a changed parameter changes other layers, or is forgotten by the next deploy', async (t) => {
  const changed = await bench.deploy(['--yes', '--set', 'LogDays=7'], {})
  t.equal(changed.code, 0, changed.output)
  t.match(changed.output, '~ AWS::Logs::LogGroup ApiLogs')
  t.strictSame(
    [...changed.output.matchAll(/^(\w+) +deployed$/gm)].map(([, layer]) => layer),
    ['data'],
  )
  const again = await bench.deploy(['--yes', '--set', 'LiveRate=30'], {})
  t.equal(again.code, 0, again.output)
  t.strictSame(
    [...again.output.matchAll(/^(\w+) +deployed$/gm)].map(([, layer]) => layer),
    ['fleet'],
  )
})

/** Those that are there, in the order of the layers. */
async function stackStates(): Promise<Record<string, string>> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}))
  const states = Stacks.map(({ StackName = '', StackStatus = '' }) => [StackName, StackStatus])
  return Object.fromEntries(states) as Record<string, string>
}

async function countEvents(): Promise<number> {
  const counts = await Promise.all(
    LAYERS.map(async (layer) => {
      const page = await cloudFormation.send(
        new DescribeStackEventsCommand({ StackName: `roadpulse-${layer}` }),
      )
      return page.StackEvents?.length ?? 0
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

async function artifacts(): Promise<string[]> {
  const Bucket = `roadpulse-artifacts-000000000000-${region}`
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
  return Contents.map(({ Key = '' }) => Key)
}
