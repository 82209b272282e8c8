import type { ResourceChange } from '@aws-sdk/client-cloudformation'

/** What holds something that cannot be made again: records, objects, images, metrics, state, or the key to them. */
const TYPES_WITH_DATA: ReadonlySet<string> = new Set([
  'AWS::APS::Workspace',
  'AWS::ECR::Repository',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::Glue::Database',
  'AWS::KMS::Key',
  'AWS::Kinesis::Stream',
  'AWS::KinesisAnalyticsV2::Application',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
])

/**
 * Those of the changes that replace or remove something that holds data, also where only its execution will tell. That
 * it will tell is what a stand-in says of every property that it does not know: of it only certainties count.
 */
export function dataAtRisk(changes: readonly ResourceChange[], isStandIn: boolean): ResourceChange[] {
  return changes.filter(
    ({ Action, Replacement, ResourceType }) =>
      TYPES_WITH_DATA.has(ResourceType ?? '') &&
      (Action === 'Remove' || Replacement === 'True' || (Replacement === 'Conditional' && !isStandIn)),
  )
}
