import { GetTopicAttributesCommand, PublishCommand, type SNSClient } from '@aws-sdk/client-sns'
import type { AlertMessage } from './alert-message.ts'

const PUBLISH_DEADLINE_MS = 5_000

/** Where people are told. */
export type Topic = {
  /** Resolves to the id that SNS gave it. */
  publish(message: AlertMessage): Promise<string>
  /** Rejects while it does not answer. */
  check(): Promise<unknown>
}

export function createSnsTopic(sns: Pick<SNSClient, 'send'>, arn: string): Topic {
  return {
    async publish({ subject, text, json, attributes }) {
      const byProtocol = {
        default: text,
        email: text,
        sms: subject,
        sqs: json,
        http: json,
        https: json,
        lambda: json,
      }
      const reply = await sns.send(
        new PublishCommand({
          TopicArn: arn,
          Subject: subject,
          MessageStructure: 'json',
          Message: JSON.stringify(byProtocol),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [
              name,
              { DataType: 'String', StringValue: value },
            ]),
          ),
        }),
        { abortSignal: AbortSignal.timeout(PUBLISH_DEADLINE_MS) },
      )
      return reply.MessageId ?? ''
    },
    check: () => sns.send(new GetTopicAttributesCommand({ TopicArn: arn })),
  }
}
