import t from 'tap'
import { DATA_PROBES, STATELESS_PROBES } from '../../../deploy/aws/remains/find-remains.ts'
import { LAYERS, readLayer } from '../../../deploy/templates/layers.ts'

/**
 * Types that cost nothing, or nothing without one that a teardown looks for: a policy without its bucket, a task
 * definition without its service, a parameter group without its Redis. A type that is in no list has to be put into one.
 */
const FREE_TYPES = new Set([
  // What its rules ask costs cents, and goes with the workspace, which is looked for.
  'AWS::APS::RuleGroupsNamespace',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::EC2::FlowLog',
  'AWS::EC2::InternetGateway',
  'AWS::EC2::Route',
  'AWS::EC2::RouteTable',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::Subnet',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::ECS::Cluster',
  'AWS::ECS::ClusterCapacityProviderAssociations',
  'AWS::ECS::TaskDefinition',
  'AWS::ElastiCache::ParameterGroup',
  'AWS::ElastiCache::SubnetGroup',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::Events::Rule',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Glue::Trigger',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption',
  'AWS::Logs::LogStream',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
])
/** Fallback topics of a stateless layer go with it and cost nothing. */
const FREE_WITHOUT_DATA = new Set([...FREE_TYPES, 'AWS::SNS::Topic'])

t.test('a template has something that costs, and a teardown never asks whether it is gone', (t) => {
  for (const layer of LAYERS) {
    const isData = layer === 'data'
    const probed = new Set((isData ? DATA_PROBES : STATELESS_PROBES).map(({ type }) => type))
    for (const [name, { Type }] of Object.entries(readLayer(layer).Resources)) {
      const isFree = (isData ? FREE_TYPES : FREE_WITHOUT_DATA).has(Type)
      t.ok(isFree !== probed.has(Type), `${layer}.${name} (${Type}) is either free or looked for`)
    }
  }
  t.end()
})

t.test('what the data layer retains cannot be deleted by the program that is told to', (t) => {
  const removable = new Set(DATA_PROBES.flatMap((probe) => (probe.remove === undefined ? [] : probe.type)))
  for (const [name, { Type, DeletionPolicy }] of Object.entries(readLayer('data').Resources))
    if (DeletionPolicy === 'Retain') t.ok(removable.has(Type), `${name} (${Type})`)
  t.end()
})
