import type { Value } from '../templates/template.ts'
import { at, listOf, type Rule, type Subject, textOf, when } from './rule.ts'

/** Actions that AWS knows for no smaller resource than everything. */
const ONLY_FOR_ALL = new Set([
  'ecr:GetAuthorizationToken',
  'cloudwatch:PutMetricData',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:DescribeAlarmsForMetric',
  'cloudwatch:GetMetricData',
  'cloudwatch:ListMetrics',
])
/** Who encrypts with a topic's key when it publishes. */
const PUBLISHERS = ['cloudwatch.amazonaws.com', 'events.amazonaws.com']

/** What has to refuse those who do not use TLS, and the policies that say so. */
const TLS_ONLY: Record<string, { policy: string; holders: string }> = {
  'AWS::S3::Bucket': { policy: 'AWS::S3::BucketPolicy', holders: 'Bucket' },
  'AWS::SNS::Topic': { policy: 'AWS::SNS::TopicPolicy', holders: 'Topics' },
  'AWS::SQS::Queue': { policy: 'AWS::SQS::QueuePolicy', holders: 'Queues' },
}

export const accessRules: readonly Rule[] = [
  {
    name: 'no-right-to-everything',
    types: ['AWS::IAM::Role', 'AWS::IAM::Policy'],
    find: ({ properties }) =>
      statementsOf(properties).flatMap((statement) => {
        const actions = listOf(at(statement, 'Action')).map((item) => textOf(item))
        const isForAll = listOf(at(statement, 'Resource')).includes('*')
        return [
          ...actions.filter((action) => action.includes('*')).map((action) => `allows ${action}`),
          ...actions
            .filter((action) => isForAll && !ONLY_FOR_ALL.has(action))
            .map((action) => `allows ${action} on everything`),
        ]
      }),
  },
  {
    name: 'only-our-account-lends-a-role',
    types: ['AWS::IAM::Role'],
    find: ({ properties }) =>
      listOf(at(properties.AssumeRolePolicyDocument, 'Statement')).flatMap((statement) =>
        when(
          at(statement, 'Condition', 'StringEquals', 'aws:SourceAccount') === undefined,
          'a service may take it on behalf of another account',
        ),
      ),
  },
  {
    name: 'only-by-tls',
    types: Object.keys(TLS_ONLY),
    find(subject) {
      const { policy, holders } = TLS_ONLY[subject.resource.Type] ?? { policy: '', holders: '' }
      const refuses = Object.values(subject.layers[subject.layer].resources)
        .filter(
          ({ Type, Properties }) =>
            Type === policy && listOf(Properties[holders]).includes(`<${subject.name}>`),
        )
        .flatMap(({ Properties }) => listOf(at(Properties.PolicyDocument, 'Statement')))
        .some(isTlsOnly)
      return when(!refuses, 'can be used without TLS')
    },
  },
  {
    name: 'bucket-is-private',
    types: ['AWS::S3::Bucket'],
    find({ properties: { PublicAccessBlockConfiguration: block, BucketEncryption } }) {
      const isBlocked = [
        'BlockPublicAcls',
        'BlockPublicPolicy',
        'IgnorePublicAcls',
        'RestrictPublicBuckets',
      ].every((name) => at(block, name) === true)
      return [
        ...when(!isBlocked, 'can be made public'),
        ...when(BucketEncryption === undefined, 'is not encrypted'),
      ]
    },
  },
  {
    name: 'key-can-be-managed',
    types: ['AWS::KMS::Key'],
    find({ properties }) {
      const manages = listOf(at(properties.KeyPolicy, 'Statement')).some(
        (statement) =>
          at(statement, 'Effect') === 'Allow' &&
          listOf(at(statement, 'Action')).includes('kms:*') &&
          textOf(at(statement, 'Principal', 'AWS')).endsWith(':root'),
      )
      return when(!manages, 'nobody in the account could change or delete it')
    },
  },
  {
    name: 'alarms-can-use-the-key-of-a-topic',
    types: ['AWS::SNS::Topic'],
    find(subject) {
      const key = subject.properties.KmsMasterKeyId
      if (key === 'alias/aws/sns') return ['CloudWatch cannot use the key that AWS manages']
      const name = /^<([A-Za-z]+)(\.Arn)?>$/.exec(textOf(key))?.[1] ?? ''
      const policy = subject.layers.data.resources[name]?.Properties.KeyPolicy
      const allowed = new Set(
        listOf(at(policy, 'Statement'))
          .filter((statement) => listOf(at(statement, 'Action')).includes('kms:Decrypt'))
          .flatMap((statement) => listOf(at(statement, 'Principal', 'Service'))),
      )
      return PUBLISHERS.filter((service) => !allowed.has(service)).map(
        (service) => `${service} may not use its key, and its alerts are lost`,
      )
    },
  },
  {
    name: 'public-only-by-tls',
    types: ['AWS::ElasticLoadBalancingV2::Listener'],
    find: (subject) =>
      when(
        balancerOf(subject)?.Properties.Scheme === 'internet-facing' &&
          subject.properties.Protocol !== 'HTTPS',
        'tokens would travel over the internet in the clear',
      ),
  },
  {
    name: 'logs-end',
    types: ['AWS::Logs::LogGroup'],
    find: ({ properties }) => when(properties.RetentionInDays === undefined, 'keeps logs for ever'),
  },
]

function statementsOf(properties: Subject['properties']): Value[] {
  const documents = [
    ...listOf(properties.Policies).map((policy) => at(policy, 'PolicyDocument')),
    properties.PolicyDocument,
  ]
  return documents
    .flatMap((document) => listOf(at(document, 'Statement')))
    .filter((statement) => at(statement, 'Effect') === 'Allow')
}

function isTlsOnly(statement: Value): boolean {
  return (
    at(statement, 'Effect') === 'Deny' &&
    at(statement, 'Principal') === '*' &&
    at(statement, 'Condition', 'Bool', 'aws:SecureTransport') === 'false'
  )
}

function balancerOf({ properties, layer, layers }: Subject) {
  const name = textOf(properties.LoadBalancerArn).replaceAll(/[<>]/g, '')
  return layers[layer].resources[name]
}
