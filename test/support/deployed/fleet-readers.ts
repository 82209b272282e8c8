import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
} from '@aws-sdk/client-ecs'
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DescribeCacheParameterGroupsCommand,
  DescribeCacheParametersCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { Reader } from './reader.ts'

export function fleetReaders(config: { region: string; endpoint: string }): Record<string, Reader> {
  const cache = new ElastiCacheClient(config)
  const ecs = new ECSClient(config)
  const balancing = new ElasticLoadBalancingV2Client(config)
  const parameters = new SSMClient(config)
  const secrets = new SecretsManagerClient(config)
  return {
    async 'AWS::ECS::Cluster'(id) {
      const { clusters = [] } = await ecs.send(
        new DescribeClustersCommand({ clusters: [id], include: ['SETTINGS'] }),
      )
      return { ClusterName: clusters[0]?.clusterName, ClusterSettings: inPascal(clusters[0]?.settings) }
    },
    async 'AWS::ECS::TaskDefinition'(taskDefinition) {
      const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
      return inPascal(answer.taskDefinition) as Record<string, unknown>
    },
    async 'AWS::ECS::Service'(id) {
      const { services = [] } = await ecs.send(
        new DescribeServicesCommand({ cluster: 'roadpulse', services: [id] }),
      )
      const {
        ServiceName,
        TaskDefinition,
        DesiredCount,
        DeploymentConfiguration,
        NetworkConfiguration,
        LoadBalancers,
      } = inPascal(services[0]) as Record<string, unknown>
      return {
        ServiceName,
        TaskDefinition,
        DesiredCount,
        DeploymentConfiguration,
        NetworkConfiguration,
        LoadBalancers,
      }
    },
    async 'AWS::ElastiCache::SubnetGroup'(CacheSubnetGroupName) {
      const { CacheSubnetGroups = [] } = await cache.send(
        new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName }),
      )
      const [group] = CacheSubnetGroups
      return {
        CacheSubnetGroupName: group?.CacheSubnetGroupName,
        SubnetIds: group?.Subnets?.map(({ SubnetIdentifier }) => SubnetIdentifier),
      }
    },
    async 'AWS::ElastiCache::ParameterGroup'(CacheParameterGroupName) {
      const groups = await cache.send(new DescribeCacheParameterGroupsCommand({ CacheParameterGroupName }))
      const { Parameters = [] } = await cache.send(
        new DescribeCacheParametersCommand({ CacheParameterGroupName }),
      )
      const entries = Parameters.map(({ ParameterName = '', ParameterValue }) => [
        ParameterName,
        ParameterValue,
      ])
      return {
        CacheParameterGroupFamily: groups.CacheParameterGroups?.[0]?.CacheParameterGroupFamily,
        Properties: Object.fromEntries(entries),
      }
    },
    async 'AWS::ElastiCache::User'(UserId) {
      const { Users = [] } = await cache.send(new DescribeUsersCommand({ UserId }))
      const [user] = Users
      return {
        UserId: user?.UserId,
        UserName: user?.UserName,
        Engine: user?.Engine,
        AccessString: user?.AccessString,
      }
    },
    async 'AWS::ElastiCache::UserGroup'(UserGroupId) {
      const { UserGroups = [] } = await cache.send(new DescribeUserGroupsCommand({ UserGroupId }))
      return { UserGroupId: UserGroups[0]?.UserGroupId, UserIds: UserGroups[0]?.UserIds }
    },
    async 'AWS::ElastiCache::ReplicationGroup'(ReplicationGroupId) {
      const { ReplicationGroups = [] } = await cache.send(
        new DescribeReplicationGroupsCommand({ ReplicationGroupId }),
      )
      const [group] = ReplicationGroups
      return {
        ReplicationGroupId: group?.ReplicationGroupId,
        ReplicationGroupDescription: group?.Description,
        CacheNodeType: group?.CacheNodeType,
        NumCacheClusters: group?.MemberClusters?.length,
        AtRestEncryptionEnabled: group?.AtRestEncryptionEnabled,
        TransitEncryptionEnabled: group?.TransitEncryptionEnabled,
        SnapshotRetentionLimit: group?.SnapshotRetentionLimit,
      }
    },
    async 'AWS::SecretsManager::Secret'(SecretId) {
      const { Name, Description } = await secrets.send(new DescribeSecretCommand({ SecretId }))
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }))
      return { Name, Description, SecretString }
    },
    async 'AWS::SSM::Parameter'(Name) {
      const { Parameter } = await parameters.send(new GetParameterCommand({ Name }))
      return { Name: Parameter?.Name, Type: Parameter?.Type, Value: Parameter?.Value }
    },
    async 'AWS::ElasticLoadBalancingV2::LoadBalancer'(id) {
      const { LoadBalancers = [] } = await balancing.send(
        new DescribeLoadBalancersCommand({ LoadBalancerArns: [id] }),
      )
      const { Attributes } = await balancing.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: id }),
      )
      const [balancer] = LoadBalancers
      return {
        Name: balancer?.LoadBalancerName,
        Type: balancer?.Type,
        Scheme: balancer?.Scheme,
        Subnets: balancer?.AvailabilityZones?.map(({ SubnetId }) => SubnetId),
        SecurityGroups: balancer?.SecurityGroups,
        LoadBalancerAttributes: { has: Attributes },
      }
    },
    async 'AWS::ElasticLoadBalancingV2::TargetGroup'(id) {
      const { TargetGroups = [] } = await balancing.send(
        new DescribeTargetGroupsCommand({ TargetGroupArns: [id] }),
      )
      const { Attributes } = await balancing.send(
        new DescribeTargetGroupAttributesCommand({ TargetGroupArn: id }),
      )
      return {
        ...TargetGroups[0],
        Name: TargetGroups[0]?.TargetGroupName,
        TargetGroupAttributes: { has: Attributes },
      }
    },
    async 'AWS::ElasticLoadBalancingV2::Listener'(id) {
      const { Listeners = [] } = await balancing.send(new DescribeListenersCommand({ ListenerArns: [id] }))
      return {
        Port: Listeners[0]?.Port,
        Protocol: Listeners[0]?.Protocol,
        DefaultActions: Listeners[0]?.DefaultActions,
      }
    },
  }
}

/** What ECS calls `cpuArchitecture`, the template calls `CpuArchitecture`; the options of a log are nobody's. */
function inPascal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inPascal)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  const entries = Object.entries(value).map(([key, item]) => [
    key.charAt(0).toUpperCase() + key.slice(1),
    key === 'options' ? item : inPascal(item),
  ])
  return Object.fromEntries(entries)
}
