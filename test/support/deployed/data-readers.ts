import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr'
import { DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis'
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { unlessMissing } from '../../../deploy/aws/remains/probe.ts'
import { listOf, textOf } from '../../../deploy/checks/rule.ts'
import { json, type Reader } from './reader.ts'

export function dataReaders(config: { region: string; endpoint: string }): Record<string, Reader> {
  const ecr = new ECRClient(config)
  const kinesis = new KinesisClient({ ...config, requestHandler: new NodeHttpHandler() })
  const kms = new KMSClient(config)
  const logs = new CloudWatchLogsClient(config)
  const s3 = new S3Client({ ...config, forcePathStyle: true })
  const sns = new SNSClient(config)
  return {
    async 'AWS::Kinesis::Stream'(StreamName) {
      const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }))
      const stream = answer.StreamDescriptionSummary
      return {
        Name: stream?.StreamName,
        ShardCount: stream?.OpenShardCount,
        RetentionPeriodHours: stream?.RetentionPeriodHours,
        StreamModeDetails: stream?.StreamModeDetails,
        StreamEncryption: { EncryptionType: stream?.EncryptionType, KeyId: stream?.KeyId },
      }
    },
    async 'AWS::S3::Bucket'(Bucket, { LoggingConfiguration }) {
      const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }))
      const lifecycle = await unlessMissing(
        s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })).then(({ Rules = [] }) => Rules),
        'NoSuchLifecycleConfiguration',
      )
      const access = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
      const { LoggingEnabled: logging } = await s3.send(new GetBucketLoggingCommand({ Bucket }))
      return {
        BucketName: Bucket,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: encryption.ServerSideEncryptionConfiguration?.Rules?.map(
            (rule) => ({
              ServerSideEncryptionByDefault: rule.ApplyServerSideEncryptionByDefault,
            }),
          ),
        },
        PublicAccessBlockConfiguration: access.PublicAccessBlockConfiguration,
        LifecycleConfiguration: {
          Rules: lifecycle.map(({ ID, Status, Expiration, Transitions, AbortIncompleteMultipartUpload }) => ({
            Id: ID,
            Status,
            AbortIncompleteMultipartUpload,
            ExpirationInDays: Expiration?.Days,
            Transitions: Transitions?.map(({ StorageClass, Days }) => ({
              StorageClass,
              TransitionInDays: Days,
            })),
          })),
        },
        ...(LoggingConfiguration === undefined
          ? {}
          : {
              LoggingConfiguration: {
                DestinationBucketName: logging?.TargetBucket,
                LogFilePrefix: logging?.TargetPrefix,
              },
            }),
      }
    },
    async 'AWS::S3::BucketPolicy'(_, { Bucket: name }) {
      const Bucket = textOf(name)
      const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }))
      return { PolicyDocument: json(Policy) }
    },
    async 'AWS::ECR::Repository'(name) {
      const { repositories = [] } = await ecr.send(
        new DescribeRepositoriesCommand({ repositoryNames: [name] }),
      )
      return {
        RepositoryName: repositories[0]?.repositoryName,
        ImageTagMutability: repositories[0]?.imageTagMutability,
        ImageScanningConfiguration: { ScanOnPush: repositories[0]?.imageScanningConfiguration?.scanOnPush },
      }
    },
    async 'AWS::Logs::LogGroup'(logGroupNamePrefix) {
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }))
      return { LogGroupName: logGroups[0]?.logGroupName, RetentionInDays: logGroups[0]?.retentionInDays }
    },
    async 'AWS::Logs::LogStream'(_, { LogGroupName, LogStreamName }) {
      const { logStreams = [] } = await logs.send(
        new DescribeLogStreamsCommand({
          logGroupName: textOf(LogGroupName),
          logStreamNamePrefix: textOf(LogStreamName),
        }),
      )
      return { LogStreamName: logStreams[0]?.logStreamName }
    },
    async 'AWS::KMS::Key'(KeyId) {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
      const { KeyRotationEnabled } = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
      const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }))
      return {
        Description: KeyMetadata?.Description,
        EnableKeyRotation: KeyRotationEnabled,
        KeyPolicy: json(Policy),
      }
    },
    async 'AWS::SNS::Topic'(TopicArn) {
      const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
      return {
        TopicName: Attributes.TopicArn?.split(':').at(-1),
        DisplayName: Attributes.DisplayName,
        KmsMasterKeyId: Attributes.KmsMasterKeyId,
      }
    },
    async 'AWS::SNS::TopicPolicy'(_, { Topics }) {
      const TopicArn = textOf(listOf(Topics)[0])
      const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
      return { PolicyDocument: json(Attributes.Policy) }
    },
    async 'AWS::SNS::Subscription'(_, { TopicArn }) {
      const answer = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: textOf(TopicArn) }))
      return { ...answer.Subscriptions?.[0] }
    },
  }
}
