import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import t from 'tap'
import { listResources } from '../../../../deploy/aws/stacks.ts'
import { deployStack } from '../../../../deploy/local/deploy-stack.ts'
import { LAYERS } from '../../../../deploy/templates/layers.ts'
import { readLayers, resolveLayers } from '../../../../deploy/templates/resolve-layers.ts'
import type { Properties } from '../../../../deploy/templates/template.ts'
import { dataReaders } from '../../../support/deployed/data-readers.ts'
import { differences } from '../../../support/deployed/differences.ts'
import { fleetReaders } from '../../../support/deployed/fleet-readers.ts'
import { networkReaders } from '../../../support/deployed/network-readers.ts'
import { observabilityReaders } from '../../../support/deployed/observability-readers.ts'
import type { Reader } from '../../../support/deployed/reader.ts'
import { streamingReaders } from '../../../support/deployed/streaming-readers.ts'
import { UPLOADED } from '../../../support/layers.ts'
import { startMinistack } from '../../../support/servers.ts'

const { endpoint } = await startMinistack(t)
const config = { region: 'us-east-1', endpoint }
const client = new CloudFormationClient(config)
t.teardown(() => client.destroy())
const stacks = { client, pollMs: 50, onEvent: () => undefined }
const readers: Record<string, Reader> = {
  ...dataReaders(config),
  ...fleetReaders(config),
  ...networkReaders(config),
  ...observabilityReaders(config),
  ...streamingReaders(config),
}
const parameters = { ...UPLOADED, Size: 'small', AlertEmail: 'a@example.com', LiveSource: 'csv/a.csv' }
const templates = readLayers()
const expected = resolveLayers(templates, parameters)

/** What the stand-in does not take over from a template into its services. One that it has learnt has to go from here. */
const FORGOTTEN = [
  'AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Command',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Interval',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Retries',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.StartPeriod',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Timeout',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.LinuxParameters.Capabilities',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.Secrets.Name',
  'AWS::ECS::TaskDefinition.ContainerDefinitions.Secrets.ValueFrom',
  'AWS::ECS::TaskDefinition.Volumes.Name',
  'AWS::Kinesis::Stream.StreamEncryption.EncryptionType',
  'AWS::Kinesis::Stream.StreamEncryption.KeyId',
  'AWS::S3::Bucket.LifecycleConfiguration.Rules',
  'AWS::S3::Bucket.LoggingConfiguration.DestinationBucketName',
  'AWS::S3::Bucket.LoggingConfiguration.LogFilePrefix',
  'AWS::SNS::Topic.KmsMasterKeyId',
]

t.test('a service has something else than the template says, or nothing', async (t) => {
  const found = new Set<string>()
  /** What CloudFormation calls the resources of the layers so far, by the names that they have in the templates. */
  const made = new Map<string, string>()
  for (const layer of LAYERS) {
    const known = Object.entries(parameters).filter(
      ([name]) => templates[layer].Parameters?.[name] !== undefined,
    )
    const name = `roadpulse-${layer}`
    await deployStack(client, {
      name,
      template: templates[layer],
      parameters: Object.fromEntries(known),
    })
    const resources = await listResources(stacks, name)
    for (const { LogicalResourceId = '', PhysicalResourceId = '' } of resources)
      made.set(LogicalResourceId, PhysicalResourceId)
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of resources) {
      const read = readers[ResourceType]
      if (read === undefined) throw new Error(`nobody asks for a ${ResourceType}`)
      const properties = withNames(expected[layer].resources[LogicalResourceId]?.Properties ?? {}, made)
      const actual = await read(PhysicalResourceId, properties)
      const shared = Object.keys(properties).filter((key) => key in actual)
      t.ok(shared.length > 0, `${layer}.${LogicalResourceId} is compared`)
      for (const key of shared) {
        for (const path of differences(properties[key], actual[key], `${ResourceType}.${key}`)) {
          found.add(path)
          if (!FORGOTTEN.includes(path)) t.comment(LogicalResourceId, path, properties[key], actual[key])
        }
      }
    }
  }
  t.strictSame([...found].toSorted(), FORGOTTEN)
})

/** References to resources that are made, `<Vpc>`, become what these are called. */
function withNames(properties: Properties, made: ReadonlyMap<string, string>): Properties {
  const text = JSON.stringify(properties)
  return JSON.parse(
    text.replaceAll(/<([A-Za-z0-9]+)>/g, (whole, name: string) => made.get(name) ?? whole),
  ) as Properties
}
