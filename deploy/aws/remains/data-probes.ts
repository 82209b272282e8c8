import { DeleteWorkspaceCommand, paginateListWorkspaces } from '@aws-sdk/client-amp'
import { DeleteLogGroupCommand, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs'
import { DeleteRepositoryCommand, DescribeRepositoriesCommand } from '@aws-sdk/client-ecr'
import { DeleteSnapshotCommand, paginateDescribeSnapshots } from '@aws-sdk/client-elasticache'
import { DeleteStreamCommand, DescribeStreamSummaryCommand } from '@aws-sdk/client-kinesis'
import { DescribeKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import { paginateGetResources } from '@aws-sdk/client-resource-groups-tagging-api'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { DeleteTopicCommand, GetTopicAttributesCommand } from '@aws-sdk/client-sns'
import { HOURS, price } from '../../costs/cost-line.ts'
import { PROJECT_TAG } from '../project.ts'
import { deleteBucket } from './delete-bucket.ts'
import { refusedConnections } from './network-probes.ts'
import { type Probe, type Remain, unlessMissing } from './probe.ts'

const STREAMS = ['raw', 'processed']
/** That of the logs last: the others write to it. */
const BUCKETS = ['source', 'raw', 'analytics', 'dead-letters', 'artifacts', 'logs']
const TOPICS = ['alerts', 'data-alerts']
const DAY_HOURS = 24
const KEY_WAITS_DAYS = 7

/** What outlives its stack. */
export const dataProbes: readonly Probe[] = [
  {
    type: 'AWS::Kinesis::Stream',
    what: 'streams',
    async find({ kinesis }, { project }) {
      const found = STREAMS.map((name) => {
        const id = `${project}-${name}`
        const answer = kinesis
          .send(new DescribeStreamSummaryCommand({ StreamName: id }))
          .then(({ StreamDescriptionSummary: stream }) => {
            if (stream?.StreamStatus === 'DELETING') return []
            const isExtended = (stream?.RetentionPeriodHours ?? DAY_HOURS) > DAY_HOURS
            const hour = price('shardHour') + (isExtended ? price('shardHourOfExtendedRetention') : 0)
            return [{ id, usd: (stream?.OpenShardCount ?? 0) * HOURS * hour }]
          })
        return unlessMissing<Remain>(answer, 'ResourceNotFoundException')
      })
      return (await Promise.all(found)).flat()
    },
    remove: ({ kinesis }, StreamName) =>
      kinesis.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true })),
  },
  {
    type: 'AWS::S3::Bucket',
    what: 'buckets',
    async find({ s3 }, { project, accountId, region }) {
      const found = BUCKETS.map((name) => {
        const id = `${project}-${name}-${accountId}-${region}`
        const answer = s3.send(new HeadBucketCommand({ Bucket: id })).then(() => [{ id }])
        return unlessMissing(answer, 'NotFound', 'NoSuchBucket')
      })
      return (await Promise.all(found)).flat()
    },
    remove: ({ s3 }, bucket) => deleteBucket(s3, bucket),
  },
  {
    type: 'AWS::ECR::Repository',
    what: 'images',
    find({ ecr }, { project }) {
      const answer = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [project] }))
      return unlessMissing(
        answer.then(() => [{ id: project }]),
        'RepositoryNotFoundException',
      )
    },
    remove: ({ ecr }, repositoryName) =>
      ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
  },
  {
    type: 'AWS::Logs::LogGroup',
    what: 'logs',
    async find({ logs: client }, { project }) {
      const found: Remain[] = []
      const pages = paginateDescribeLogGroups({ client }, { logGroupNamePrefix: `/${project}/` })
      for await (const { logGroups = [] } of pages)
        for (const { logGroupName: id = '' } of logGroups)
          if (id !== refusedConnections(project)) found.push({ id })
      return found
    },
    remove: ({ logs }, logGroupName) => logs.send(new DeleteLogGroupCommand({ logGroupName })),
  },
  {
    type: 'AWS::SNS::Topic',
    what: 'topics',
    async find({ sns }, { project, accountId, region }) {
      const found = TOPICS.map((name) => {
        const id = `arn:aws:sns:${region}:${accountId}:${project}-${name}`
        const answer = sns.send(new GetTopicAttributesCommand({ TopicArn: id })).then(() => [{ id, usd: 0 }])
        return unlessMissing(answer, 'NotFoundException')
      })
      return (await Promise.all(found)).flat()
    },
    remove: ({ sns }, TopicArn) => sns.send(new DeleteTopicCommand({ TopicArn })),
  },
  {
    type: 'AWS::KMS::Key',
    what: 'key',
    async find({ tagging: client, kms }, { project }) {
      const found: Remain[] = []
      const TagFilters = [{ Key: PROJECT_TAG, Values: [project] }]
      const pages = paginateGetResources({ client }, { TagFilters, ResourceTypeFilters: ['kms:key'] })
      for await (const { ResourceTagMappingList = [] } of pages) {
        for (const { ResourceARN: id = '' } of ResourceTagMappingList) {
          // The index of tags also names what is gone.
          const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }))
          if (KeyMetadata?.KeyState !== 'PendingDeletion') found.push({ id, usd: price('keyMonth') })
        }
      }
      return found
    },
    remove: ({ kms }, KeyId) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: KEY_WAITS_DAYS })),
  },
  {
    type: 'AWS::APS::Workspace',
    what: 'Prometheus',
    async find({ amp: client }, { project: alias }) {
      const found: Remain[] = []
      for await (const { workspaces = [] } of paginateListWorkspaces({ client }, { alias })) {
        for (const { workspaceId: id = '', alias: own, status } of workspaces)
          if (own === alias && status?.statusCode !== 'DELETING') found.push({ id })
      }
      return found
    },
    remove: ({ amp }, workspaceId) => amp.send(new DeleteWorkspaceCommand({ workspaceId })),
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    what: 'snapshots of Redis',
    async find({ elastiCache: client }, { project }) {
      const found: Remain[] = []
      for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client }, {})) {
        for (const { SnapshotName: id = '', ReplicationGroupId, SnapshotStatus } of Snapshots)
          if (ReplicationGroupId === project && SnapshotStatus !== 'deleting') found.push({ id })
      }
      return found
    },
    remove: ({ elastiCache }, SnapshotName) => elastiCache.send(new DeleteSnapshotCommand({ SnapshotName })),
  },
]
