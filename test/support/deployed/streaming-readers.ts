import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose'
import {
  GetDatabaseCommand,
  GetJobCommand,
  GetTableCommand,
  GetTriggerCommand,
  GlueClient,
} from '@aws-sdk/client-glue'
import { GetRoleCommand, GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { DescribeApplicationCommand, KinesisAnalyticsV2Client } from '@aws-sdk/client-kinesis-analytics-v2'
import { at, textOf } from '../../../deploy/checks/rule.ts'
import { decoded, type Reader } from './reader.ts'

const DATABASE = 'roadpulse'

/** Of the layers ingest and flink, and the roles of all. */
export function streamingReaders(config: { region: string; endpoint: string }): Record<string, Reader> {
  const firehose = new FirehoseClient(config)
  const flink = new KinesisAnalyticsV2Client(config)
  const glue = new GlueClient(config)
  const iam = new IAMClient(config)
  return {
    async 'AWS::IAM::Role'(RoleName) {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
      const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
      const Policies = await Promise.all(
        PolicyNames.map(async (PolicyName) => {
          const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
          return { PolicyName, PolicyDocument: decoded(PolicyDocument) }
        }),
      )
      return { AssumeRolePolicyDocument: decoded(Role?.AssumeRolePolicyDocument), Policies }
    },
    async 'AWS::KinesisFirehose::DeliveryStream'(DeliveryStreamName) {
      const answer = await firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))
      const stream = answer.DeliveryStreamDescription
      const destination = stream?.Destinations?.[0]?.ExtendedS3DestinationDescription
      return {
        DeliveryStreamName: stream?.DeliveryStreamName,
        DeliveryStreamType: stream?.DeliveryStreamType,
        KinesisStreamSourceConfiguration: stream?.Source?.KinesisStreamSourceDescription,
        ExtendedS3DestinationConfiguration: destination,
      }
    },
    async 'AWS::Glue::Database'(Name) {
      const { Database } = await glue.send(new GetDatabaseCommand({ Name }))
      return { DatabaseInput: Database }
    },
    async 'AWS::Glue::Table'(_, { TableInput }) {
      const Name = textOf(at(TableInput, 'Name'))
      const { Table } = await glue.send(new GetTableCommand({ DatabaseName: DATABASE, Name }))
      return { TableInput: Table }
    },
    async 'AWS::Glue::Job'(JobName) {
      const { Job } = await glue.send(new GetJobCommand({ JobName }))
      return { ...Job }
    },
    async 'AWS::Glue::Trigger'(Name) {
      const { Trigger } = await glue.send(new GetTriggerCommand({ Name }))
      return { Type: Trigger?.Type, Schedule: Trigger?.Schedule, Actions: Trigger?.Actions }
    },
    async 'AWS::KinesisAnalyticsV2::Application'(ApplicationName) {
      const { ApplicationDetail } = await flink.send(new DescribeApplicationCommand({ ApplicationName }))
      const configuration = ApplicationDetail?.ApplicationConfigurationDescription
      const { FlinkApplicationConfigurationDescription: job } = configuration ?? {}
      const code = configuration?.ApplicationCodeConfigurationDescription
      return {
        ApplicationName: ApplicationDetail?.ApplicationName,
        RuntimeEnvironment: ApplicationDetail?.RuntimeEnvironment,
        ServiceExecutionRole: ApplicationDetail?.ServiceExecutionRole,
        ApplicationConfiguration: {
          ApplicationCodeConfiguration: {
            CodeContentType: code?.CodeContentType,
            CodeContent: {
              S3ContentLocation: code?.CodeContentDescription?.S3ApplicationCodeLocationDescription,
            },
          },
          ApplicationSnapshotConfiguration: configuration?.ApplicationSnapshotConfigurationDescription,
          ApplicationSystemRollbackConfiguration:
            configuration?.ApplicationSystemRollbackConfigurationDescription,
          EnvironmentProperties: {
            PropertyGroups: configuration?.EnvironmentPropertyDescriptions?.PropertyGroupDescriptions,
          },
          FlinkApplicationConfiguration: {
            CheckpointConfiguration: job?.CheckpointConfigurationDescription,
            MonitoringConfiguration: job?.MonitoringConfigurationDescription,
            ParallelismConfiguration: job?.ParallelismConfigurationDescription,
          },
        },
      }
    },
    async 'AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption'() {
      const { ApplicationDetail } = await flink.send(
        new DescribeApplicationCommand({ ApplicationName: DATABASE }),
      )
      return { CloudWatchLoggingOption: ApplicationDetail?.CloudWatchLoggingOptionDescriptions?.[0] }
    },
  }
}
