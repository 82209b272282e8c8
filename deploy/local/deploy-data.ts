import { readFileSync } from 'node:fs'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  type Parameter,
} from '@aws-sdk/client-cloudformation'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis'
import { type AwsAddress, createKinesisClient } from '../../lib/aws/clients.ts'
import { RoadpulseError } from '../../lib/errors.ts'

const DATA_TEMPLATE = new URL('../cloudformation/data.yaml', import.meta.url)
const INBOX_TEMPLATE = new URL('./inbox.yaml', import.meta.url)
const POLL_MS = 50
const DEADLINE_MS = 20_000

/** What the other parts need of the data layer: the outputs of `data.yaml`. */
export type DataLayer = {
  RawStreamName: string
  ProcessedStreamName: string
  SourceBucketName: string
  RawBucketName: string
  AnalyticsBucketName: string
  DeadLetterBucketName: string
  AlertTopicArn: string
  InboxQueueUrl: string
}

/**
 * Deploys the template of the data layer, the one that AWS gets, into the stand-in, and the inbox that only exists on
 * one machine. What is there already stays.
 */
export async function deployData(options: {
  address: AwsAddress
  shards: number
}): Promise<{ data: DataLayer; isNew: boolean }> {
  const cloudFormation = new CloudFormationClient({
    region: options.address.AWS_REGION,
    ...(options.address.AWS_ENDPOINT_URL === undefined ? {} : { endpoint: options.address.AWS_ENDPOINT_URL }),
  })
  try {
    const data = await deployTemplate(cloudFormation, 'roadpulse', DATA_TEMPLATE, {
      RawShardCount: `${options.shards}`,
      ProcessedShardCount: `${options.shards}`,
    })
    const inbox = await deployTemplate(cloudFormation, 'roadpulse-inbox', INBOX_TEMPLATE, {
      AlertTopicArn: data.outputs.AlertTopicArn ?? '',
    })
    return { data: { ...data.outputs, ...inbox.outputs } as DataLayer, isNew: data.isNew || inbox.isNew }
  } finally {
    cloudFormation.destroy()
  }
}

/**
 * Makes the streams of the deployed template again in the Kinesis that the pipeline uses: the stand-in for everything
 * else has them too, as they were deployed, but slows down with what they hold.
 */
export async function copyStreams(names: readonly string[], address: AwsAddress): Promise<void> {
  const deployedIn = { ...address, AWS_ENDPOINT_URL_KINESIS: address.AWS_ENDPOINT_URL ?? '' }
  const source = createKinesisClient(deployedIn)
  const target = createKinesisClient(address)
  try {
    for (const name of names) {
      if ((await readSummary(target, name)) !== undefined) continue
      const deployed = await readSummary(source, name)
      await target.send(
        new CreateStreamCommand({ StreamName: name, ShardCount: deployed?.OpenShardCount ?? 1 }),
      )
      await until(
        `stream ${name} is active`,
        async () => (await readSummary(target, name))?.StreamStatus === 'ACTIVE',
      )
    }
  } finally {
    source.destroy()
    target.destroy()
  }
}

async function deployTemplate(
  cloudFormation: CloudFormationClient,
  stackName: string,
  template: URL,
  parameters: Record<string, string>,
): Promise<{ outputs: Record<string, string>; isNew: boolean }> {
  const isNew = (await describeStack(cloudFormation, stackName)) === undefined
  if (isNew) {
    const Parameters = Object.entries(parameters).map(
      ([ParameterKey, ParameterValue]): Parameter => ({ ParameterKey, ParameterValue }),
    )
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: stackName,
        TemplateBody: readFileSync(template, 'utf8'),
        Parameters,
      }),
    )
  }
  let stack = await describeStack(cloudFormation, stackName)
  await until(`${stackName} is deployed`, async () => {
    stack = await describeStack(cloudFormation, stackName)
    return stack?.StackStatus?.endsWith('_IN_PROGRESS') === false
  })
  if (stack?.StackStatus !== 'CREATE_COMPLETE') {
    const reason = `${stack?.StackStatus}: ${stack?.StackStatusReason ?? 'no reason given'}`
    throw new RoadpulseError('PART_FAILED', `the stack ${stackName} could not be deployed (${reason})`)
  }
  const outputs = (stack.Outputs ?? []).map((output) => [output.OutputKey ?? '', output.OutputValue ?? ''])
  return { outputs: Object.fromEntries(outputs) as Record<string, string>, isNew }
}

async function describeStack(cloudFormation: CloudFormationClient, stackName: string) {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }))
    return Stacks?.[0]
  } catch (error) {
    // CloudFormation's answer for a stack that does not exist.
    if ((error as Error).name === 'ValidationError') return undefined
    throw error
  }
}

async function readSummary(kinesis: KinesisClient, name: string) {
  try {
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }))
    return summary.StreamDescriptionSummary
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new RoadpulseError('DEADLINE_EXCEEDED', `waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
