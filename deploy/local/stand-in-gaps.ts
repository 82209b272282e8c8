/**
 * What our templates hold and MiniStack 1.5.33 refuses, also where a condition rules it out: types of resources, and
 * properties. A local deploy leaves out exactly this. A newer MiniStack may know one: then a test asks to take it off.
 */
export const STAND_IN_GAPS = [
  'AWS::APS::RuleGroupsNamespace',
  'AWS::APS::Workspace',
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::Budgets::Budget',
  'AWS::CloudWatch::Alarm.Metrics',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::EC2::EIP',
  'AWS::EC2::FlowLog',
  'AWS::EC2::NatGateway',
  'AWS::ECS::ClusterCapacityProviderAssociations',
  'AWS::Grafana::Workspace',
] as const
