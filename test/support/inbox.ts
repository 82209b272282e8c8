import {
  CreateTopicCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Test } from 'tap'
import { waitFor } from './wait-for.ts'

/** What a program that is subscribed to a topic gets. */
export type Alert = {
  event: 'opened' | 'closed'
  dedupId: string
  kind: string
  service: string
  workers: string[]
  summary: string
}

export type Inbox = {
  /** Everything that has come since the last time, in order. */
  take(): Promise<Alert[]>
  /** Collects until a message is there for which `isIt` holds; resolves to all that came until then. */
  waitFor(what: string, isIt: (alert: Alert) => boolean, deadlineMs: number): Promise<Alert[]>
}

/** A topic of the stand-in with a queue that is subscribed to it. */
export async function openInbox(
  t: Test,
  endpoint: string,
  name: string,
): Promise<Inbox & { topicArn: string }> {
  const address = { region: 'us-east-1', endpoint }
  const sns = new SNSClient(address)
  const sqs = new SQSClient(address)
  t.teardown(() => {
    sns.destroy()
    sqs.destroy()
  })
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }))
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  )
  const subscription = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      ReturnSubscriptionArn: true,
    }),
  )
  await sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn: subscription.SubscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'true',
    }),
  )

  return { topicArn, ...readInbox(t, endpoint, QueueUrl) }
}

/** A queue that is subscribed to a topic already, whether it gets messages raw or wrapped. */
export function readInbox(t: Test, endpoint: string, QueueUrl: string): Inbox {
  const sqs = new SQSClient({ region: 'us-east-1', endpoint })
  t.teardown(() => sqs.destroy())

  async function take(): Promise<Alert[]> {
    const alerts: Alert[] = []
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      )
      if (Messages.length === 0) return alerts
      alerts.push(...Messages.map(({ Body = '' }) => parseAlert(Body)))
      const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }))
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    }
  }

  return {
    take,
    async waitFor(what, isIt, deadlineMs) {
      const alerts: Alert[] = []
      const look = async () => {
        alerts.push(...(await take()))
        return alerts.some(isIt)
      }
      await waitFor(what, look, { deadlineMs, intervalMs: 100, describe: () => alerts })
      return alerts
    },
  }
}

function parseAlert(body: string): Alert {
  const value = JSON.parse(body) as Alert | { Message: string }
  return 'Message' in value ? (JSON.parse(value.Message) as Alert) : value
}
