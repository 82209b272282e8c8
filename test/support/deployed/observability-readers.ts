import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { textOf } from '../../../deploy/checks/rule.ts'
import { json, type Reader } from './reader.ts'

export function observabilityReaders(config: { region: string; endpoint: string }): Record<string, Reader> {
  const cloudWatch = new CloudWatchClient(config)
  const events = new EventBridgeClient(config)
  const sqs = new SQSClient(config)
  const QueueUrl = `${config.endpoint}/000000000000/roadpulse-undelivered-events`
  const queue = async () =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {}
  return {
    async 'AWS::CloudWatch::Alarm'(name) {
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))
      return { ...MetricAlarms[0] }
    },
    async 'AWS::CloudWatch::Dashboard'(DashboardName) {
      const answer = await cloudWatch.send(new GetDashboardCommand({ DashboardName }))
      return { DashboardName: answer.DashboardName, DashboardBody: answer.DashboardBody }
    },
    async 'AWS::Events::Rule'(id, { Name }) {
      const rule = await events.send(new DescribeRuleCommand({ Name: textOf(Name, id) }))
      const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: textOf(Name, id) }))
      return {
        Name: rule.Name,
        Description: rule.Description,
        EventPattern: json(rule.EventPattern),
        Targets,
      }
    },
    async 'AWS::SQS::Queue'() {
      const { QueueArn, MessageRetentionPeriod, SqsManagedSseEnabled } = await queue()
      return { QueueName: QueueArn?.split(':').at(-1), MessageRetentionPeriod, SqsManagedSseEnabled }
    },
    async 'AWS::SQS::QueuePolicy'() {
      return { PolicyDocument: json((await queue()).Policy) }
    },
  }
}
