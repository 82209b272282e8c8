import { HeadBucketCommand, ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import t from 'tap'
import { openAccount } from '../../../../deploy/aws/account.ts'
import { LayerDeployer } from '../../../../deploy/aws/layer-deployer.ts'
import { INLINE_BYTES } from '../../../../deploy/aws/locate-template.ts'
import { readLayers, type Templates } from '../../../../deploy/templates/resolve-layers.ts'
import { startMinistack } from '../../../support/servers.ts'

const { endpoint } = await startMinistack(t)
process.env.AWS_ENDPOINT_URL = endpoint
const account = await openAccount(endpoint)
const { s3 } = account.clients
const templates = readLayers()
const chosen = { Project: 'roadpulse', Size: 'frugal' }

async function startDeployer(changed: Partial<Templates>): Promise<LayerDeployer> {
  const options = { account, project: 'roadpulse', templates: { ...templates, ...changed } }
  const deployer = new LayerDeployer({ ...options, onEvent: () => undefined })
  await deployer.look()
  return deployer
}

const TAKEN = '/roadpulse/taken'

/** The data layer with a resource that cannot be made once the buckets are there. */
const failing = {
  ...templates.data,
  Resources: {
    ...templates.data.Resources,
    Doomed: {
      Type: 'AWS::SSM::Parameter',
      DependsOn: ['RawBucket', 'SourceBucket'],
      Properties: { Name: TAKEN, Type: 'String', Value: 'mine' },
    },
  },
}

t.test('a failed first try leaves what is retained, in whose way the next one is', async (t) => {
  const parameters = new SSMClient({})
  await parameters.send(new PutParameterCommand({ Name: TAKEN, Type: 'String', Value: 'of others' }))
  parameters.destroy()
  const first = await startDeployer({ data: failing })
  await t.rejects(first.deploy('data', chosen, false), { code: 'PART_FAILED', message: /Doomed/ })
  t.strictSame((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], [])
  const second = await startDeployer({})
  t.ok(await second.deploy('data', chosen, false))
  await t.resolves(s3.send(new HeadBucketCommand({ Bucket: second.output('data', 'RawBucketName') })))
})

t.test('what holds data is removed without being asked for, or cannot be when it is', async (t) => {
  const { CollectorLogs, ...Resources } = templates.data.Resources
  const { CollectorLogGroup, ...Outputs } = templates.data.Outputs ?? {}
  t.ok(CollectorLogs !== undefined && CollectorLogGroup !== undefined)
  const deployer = await startDeployer({ data: { ...templates.data, Resources, Outputs } })
  await t.rejects(deployer.deploy('data', chosen, false), {
    code: 'CONFIGURATION',
    message: /removes CollectorLogs .*--allow-replacement/,
  })
  await deployer.look()
  t.equal(deployer.output('data', 'CollectorLogGroup'), '/roadpulse/collector')
  t.ok(await deployer.deploy('data', chosen, true))
  t.equal(deployer.output('data', 'CollectorLogGroup'), undefined)
})

t.test('a template that has outgrown a request cannot be deployed', async (t) => {
  const Metadata = { ...templates.ingest.Metadata, Padding: 'x'.repeat(INLINE_BYTES) }
  const deployer = await startDeployer({ ingest: { ...templates.ingest, Metadata } })
  t.ok(await deployer.deploy('ingest', chosen, false))
  const Bucket = deployer.output('data', 'ArtifactBucketName')
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'templates/' }))
  t.match(Contents[0]?.Key, /^templates\/ingest-[0-9a-f]{12}\.json$/)
  t.notOk(await deployer.deploy('ingest', chosen, false), 'and it is the same the next time')
  const network = { ...templates.network, Metadata: { Padding: 'x'.repeat(INLINE_BYTES) } }
  const beforeData = new LayerDeployer({
    account,
    project: 'other',
    templates: { ...templates, network },
    onEvent: () => undefined,
  })
  await t.rejects(beforeData.deploy('network', chosen, false), { code: 'CONFIGURATION' })
})
