import { ListServicesCommand, ListTasksCommand } from '@aws-sdk/client-ecs'
import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2'
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache'
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager'
import { type Probe, unlessMissing } from './probe.ts'

const SECRETS = ['redis-password', 'redis-url']

export const fleetProbes: readonly Probe[] = [
  {
    type: 'AWS::ECS::Service',
    what: 'services and tasks',
    async find({ ecs }, { project: cluster }) {
      const services = ecs
        .send(new ListServicesCommand({ cluster }))
        .then(({ serviceArns = [] }) => serviceArns)
      const tasks = ecs.send(new ListTasksCommand({ cluster })).then(({ taskArns = [] }) => taskArns)
      const arns = await unlessMissing(
        Promise.all([services, tasks]).then((lists) => lists.flat()),
        'ClusterNotFoundException',
      )
      return arns.map((id) => ({ id }))
    },
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    what: 'load balancer',
    find({ loadBalancing }, { project }) {
      const answer = loadBalancing.send(new DescribeLoadBalancersCommand({ Names: [project] }))
      return unlessMissing(
        answer.then(({ LoadBalancers = [] }) => LoadBalancers.map(() => ({ id: project }))),
        'LoadBalancerNotFoundException',
      )
    },
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    what: 'Redis',
    find({ elastiCache }, { project }) {
      const answer = elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: project }))
      return unlessMissing(
        answer.then(({ ReplicationGroups = [] }) => ReplicationGroups.map(() => ({ id: project }))),
        'ReplicationGroupNotFoundFault',
      )
    },
  },
  {
    type: 'AWS::SecretsManager::Secret',
    what: 'secrets',
    async find({ secrets }, { project }) {
      const found = SECRETS.map((name) => {
        const id = `${project}/${name}`
        const answer = secrets.send(new DescribeSecretCommand({ SecretId: id }))
        // What is about to be deleted costs nothing any more.
        const remains = answer.then(({ DeletedDate }) => (DeletedDate === undefined ? [{ id }] : []))
        return unlessMissing(remains, 'ResourceNotFoundException')
      })
      return (await Promise.all(found)).flat()
    },
  },
]
