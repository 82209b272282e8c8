import { readFileSync } from 'node:fs'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis'
import type { AwsAddress } from '../../lib/aws/aws-address.ts'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { readLayer } from '../templates/layers.ts'
import { parseTemplate } from '../templates/template.ts'
import { deployStack } from './deploy-stack.ts'
import { until } from './until.ts'

const INBOX_TEMPLATE = new URL('./inbox.yaml', import.meta.url)

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
 * one machine. What is there already stays; `leftOut` is what the stand-in cannot hold.
 */
export async function deployData(options: {
  address: AwsAddress
  shards: number
}): Promise<{ data: DataLayer; isNew: boolean; leftOut: string[] }> {
  const cloudFormation = new CloudFormationClient({
    region: options.address.AWS_REGION,
    ...(options.address.AWS_ENDPOINT_URL === undefined ? {} : { endpoint: options.address.AWS_ENDPOINT_URL }),
  })
  try {
    const data = await deployStack(cloudFormation, {
      name: 'roadpulse',
      template: readLayer('data'),
      parameters: { RawShardCount: `${options.shards}`, ProcessedShardCount: `${options.shards}` },
    })
    const inbox = await deployStack(cloudFormation, {
      name: 'roadpulse-inbox',
      template: parseTemplate(readFileSync(INBOX_TEMPLATE, 'utf8')),
      parameters: { AlertTopicArn: data.outputs.AlertTopicArn ?? '' },
    })
    return {
      data: { ...data.outputs, ...inbox.outputs } as DataLayer,
      isNew: data.isNew || inbox.isNew,
      leftOut: data.leftOut,
    }
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

async function readSummary(kinesis: KinesisClient, name: string) {
  try {
    const summary = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }))
    return summary.StreamDescriptionSummary
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}
