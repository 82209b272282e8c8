import { at, listOf, numberOf, type Rule, textOf, when } from './rule.ts'

const GROUP = ['AWS::ElastiCache::ReplicationGroup']
const USER = ['AWS::ElastiCache::User']
const ENGINES = new Set(['redis', 'valkey'])
const NODE_TYPE =
  /^cache\.(t4g\.(micro|small|medium)|[mr][67]g\.(large|xlarge|[248]xlarge|1[26]xlarge)|c7gn\.(large|xlarge|[248]xlarge))$/

export const redisRules: readonly Rule[] = [
  {
    name: 'redis-engine-exists',
    types: [...GROUP, ...USER],
    find: ({ properties: { Engine = '' } }) =>
      when(!ENGINES.has(textOf(Engine)), `there is no engine ${textOf(Engine)}`),
  },
  {
    name: 'redis-node-type-exists',
    types: GROUP,
    find: ({ properties: { CacheNodeType = '' } }) =>
      when(!NODE_TYPE.test(textOf(CacheNodeType)), `there is no node type ${textOf(CacheNodeType)}`),
  },
  {
    name: 'redis-has-somebody-to-take-over',
    types: GROUP,
    find: ({ properties }) =>
      when(
        properties.AutomaticFailoverEnabled === true && numberOf(properties.NumCacheClusters, 1) < 2,
        'nobody can take over from a single node',
      ),
  },
  {
    name: 'redis-is-encrypted-and-asks-who',
    types: GROUP,
    find: ({ properties }) => [
      ...when(properties.TransitEncryptionEnabled !== true, 'is spoken to in the clear'),
      ...when(properties.AtRestEncryptionEnabled !== true, 'is written to disk in the clear'),
      ...when(listOf(properties.UserGroupIds).length === 0, 'lets in whoever reaches it'),
    ],
  },
  {
    name: 'redis-drops-nothing',
    types: ['AWS::ElastiCache::ParameterGroup'],
    find({ properties }) {
      const policy = at(properties.Properties, 'maxmemory-policy')
      return when(
        policy !== 'noeviction',
        `drops leases, positions and jobs when memory is short (${textOf(policy)})`,
      )
    },
  },
  {
    name: 'redis-iam-user-is-itself',
    types: USER,
    find: ({ properties: { AuthenticationMode, UserId, UserName } }) =>
      when(
        JSON.stringify(AuthenticationMode ?? {}).includes('"iam"') && UserId !== UserName,
        'a user by IAM needs the same UserId and UserName',
      ),
  },
]
