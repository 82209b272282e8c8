import t from 'tap'
import { checkLayers, RULES } from '../../../deploy/checks/check-layers.ts'
import type { ResolvedLayers } from '../../../deploy/checks/rule.ts'
import type { Layer } from '../../../deploy/templates/layers.ts'
import { allLayers, VARIANTS } from '../../support/layers.ts'

t.test('a template has a fault that AWS would find only while it deploys, or never', (t) => {
  for (const [name, parameters] of Object.entries(VARIANTS))
    t.strictSame(checkLayers(allLayers(parameters)), [], name)
  t.end()
})

/** Each a fault that a linter of CloudFormation lets through: where, what is set to what, and the rule that sees it. */
const FAULTS: [rule: string, layer: Layer, resource: string, path: string, value: unknown][] = [
  ['shards-fit-the-mode', 'data', 'RawStream', 'StreamModeDetails.StreamMode', 'ON_DEMAND'],
  ['shards-fit-the-mode', 'data', 'RawStream', 'ShardCount', undefined],
  ['stream-is-encrypted', 'data', 'ProcessedStream', 'StreamEncryption', undefined],
  [
    'errors-have-a-prefix',
    'ingest',
    'RawDelivery',
    'ExtendedS3DestinationConfiguration.ErrorOutputPrefix',
    undefined,
  ],
  [
    'errors-have-a-prefix',
    'ingest',
    'RawDelivery',
    'ExtendedS3DestinationConfiguration.ErrorOutputPrefix',
    'errors/',
  ],
  [
    'partitions-have-a-large-buffer',
    'ingest',
    'RawDelivery',
    'ExtendedS3DestinationConfiguration',
    { DynamicPartitioningConfiguration: { Enabled: true }, BufferingHints: { SizeInMBs: 32 } },
  ],
  ['glue-version-exists', 'ingest', 'Job', 'GlueVersion', '5.9'],
  ['glue-job-ends', 'ingest', 'Job', 'Timeout', undefined],
  ['glue-job-ends', 'ingest', 'Job', 'Timeout', 2_880],
  [
    'flink-settings-count',
    'flink',
    'Application',
    'ApplicationConfiguration.FlinkApplicationConfiguration.MonitoringConfiguration.ConfigurationType',
    'DEFAULT',
  ],
  [
    'flink-keeps-its-state',
    'flink',
    'Application',
    'ApplicationConfiguration.ApplicationSnapshotConfiguration.SnapshotsEnabled',
    false,
  ],
  ['stop-timeout-fits', 'fleet', 'ConsumerTask', 'ContainerDefinitions.0.StopTimeout', 300],
  ['stop-timeout-fits', 'fleet', 'ConsumerTask', 'ContainerDefinitions.0.StopTimeout', 20],
  [
    'container-cannot-change-itself',
    'fleet',
    'ApiTask',
    'ContainerDefinitions.0.ReadonlyRootFilesystem',
    false,
  ],
  ['container-is-not-root', 'fleet', 'ApiTask', 'ContainerDefinitions.0.User', '0:0'],
  [
    'logs-do-not-block',
    'fleet',
    'ApiTask',
    'ContainerDefinitions.0.LogConfiguration.Options.mode',
    undefined,
  ],
  [
    'deployment-rolls-back',
    'fleet',
    'ProducerService',
    'DeploymentConfiguration.DeploymentCircuitBreaker.Rollback',
    false,
  ],
  ['scaling-decides-alone', 'fleet', 'ConsumerService', 'DesiredCount', 2],
  ['alarm-can-ring', 'fleet', 'WatchdogSilent', 'DatapointsToAlarm', 4],
  ['alarm-says-what-silence-means', 'fleet', 'WatchdogSilent', 'TreatMissingData', undefined],
  ['alarm-tells-somebody', 'observability', 'RawFull', 'AlarmActions', undefined],
  ['alarm-tells-somebody', 'observability', 'DeploySensitive', 'AlarmRule', 'ALARM(<JobDown>)'],
  ['alarm-says-when-it-is-over', 'observability', 'RawFull', 'OKActions', undefined],
  ['alarm-names-its-runbook', 'observability', 'RawFull', 'AlarmDescription', 'Full. docs/runbook.md#fuel'],
  [
    'composite-knows-its-alarms',
    'observability',
    'DeploySensitive',
    'AlarmRule',
    'ALARM("roadpulse-job-gone")',
  ],
  [
    'composite-knows-its-alarms',
    'observability',
    'DeploySensitive',
    'ActionsSuppressor',
    'roadpulse-deploying',
  ],
  [
    'rollback-alarm-exists',
    'fleet',
    'ApiService',
    'DeploymentConfiguration.Alarms.AlarmNames',
    ['<ApiErrors>'],
  ],
  ['alarm-looks-at-a-metric', 'observability', 'JobBusy', 'MetricName', 'fullRestarts'],
  [
    'alarm-looks-at-a-metric',
    'observability',
    'JobRestarts',
    'Metrics.0.MetricStat.Metric.MetricName',
    'uptime',
  ],
  ['alarm-looks-at-a-metric', 'fleet', 'WatchdogSilent', 'Dimensions', [{ Name: 'Service', Value: 'api' }]],
  [
    'dashboard-shows-a-metric',
    'observability',
    'Dashboard',
    'DashboardBody',
    '{"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/KinesisAnalytics", "downtime", "Application", "a"]]}}]}',
  ],
  ['dashboard-is-json', 'observability', 'Dashboard', 'DashboardBody', '{"widgets": [},'],
  [
    'dashboard-is-json',
    'observability',
    'Dashboard',
    'DashboardBody',
    '{"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/Kinesis", "IncomingRecords", "StreamName"]]}}]}',
  ],
  ['redis-engine-exists', 'fleet', 'Redis', 'Engine', 'keydb'],
  ['redis-node-type-exists', 'fleet', 'Redis', 'CacheNodeType', 'cache.t4g.large'],
  ['redis-has-somebody-to-take-over', 'fleet', 'Redis', 'NumCacheClusters', 1],
  ['redis-is-encrypted-and-asks-who', 'fleet', 'Redis', 'TransitEncryptionEnabled', false],
  ['redis-drops-nothing', 'fleet', 'RedisParameters', 'Properties', { 'maxmemory-policy': 'volatile-lru' }],
  ['redis-iam-user-is-itself', 'fleet', 'RedisUser', 'AuthenticationMode', { Type: 'iam' }],
  ['no-right-to-everything', 'fleet', 'ApiRole', 'Policies.0.PolicyDocument.Statement.0.Resource', ['*']],
  ['no-right-to-everything', 'fleet', 'ApiRole', 'Policies.0.PolicyDocument.Statement.0.Action', 'kinesis:*'],
  [
    'only-our-account-lends-a-role',
    'ingest',
    'FirehoseRole',
    'AssumeRolePolicyDocument.Statement.0.Condition',
    {},
  ],
  ['only-by-tls', 'data', 'RawBucketPolicy', 'PolicyDocument.Statement.0.Effect', 'Allow'],
  ['only-by-tls', 'data', 'AlertTopicPolicy', 'PolicyDocument.Statement', []],
  ['only-by-tls', 'observability', 'UndeliveredEventsPolicy', 'Queues', []],
  ['bucket-is-private', 'data', 'RawBucket', 'PublicAccessBlockConfiguration.BlockPublicPolicy', false],
  ['key-can-be-managed', 'data', 'AlertKey', 'KeyPolicy.Statement.0.Action', 'kms:Decrypt'],
  ['alarms-can-use-the-key-of-a-topic', 'data', 'AlertTopic', 'KmsMasterKeyId', 'alias/aws/sns'],
  [
    'alarms-can-use-the-key-of-a-topic',
    'data',
    'AlertKey',
    'KeyPolicy.Statement.1.Principal.Service',
    ['cloudwatch.amazonaws.com'],
  ],
  ['public-only-by-tls', 'fleet', 'ApiListener', 'Protocol', 'HTTP'],
  ['logs-end', 'data', 'ApiLogs', 'RetentionInDays', undefined],
  ['pattern-is-made-of-lists', 'observability', 'RunFails', 'EventPattern.source', 'aws.glue'],
  ['undelivered-event-is-kept', 'observability', 'RunFails', 'Targets.0.DeadLetterConfig', undefined],
  ['no-secret-in-a-template', 'fleet', 'RedisUser', 'Passwords', ['correct horse battery staple']],
  ['grafana-version-exists', 'observability', 'GrafanaWorkspace', 'GrafanaVersion', '12.9'],
  ['grafana-has-its-role', 'observability', 'GrafanaWorkspace', 'PermissionType', 'SERVICE_MANAGED'],
]

t.test('a rule does not see the fault that it is there for', (t) => {
  const complete = allLayers({ ...VARIANTS['frugal with all there is'], Size: 'production' })
  for (const [rule, layer, resource, path, value] of FAULTS) {
    const layers = structuredClone(complete)
    t.strictSame(checkLayers(layers), [], 'before')
    set(layers[layer].resources[resource]?.Properties, path.split('.'), value)
    const found = checkLayers(layers).map((finding) => finding.rule)
    t.ok(found.includes(rule), `${rule}: ${resource}.${path} = ${JSON.stringify(value)}`)
  }
  t.end()
})

t.test('a producer is deployed before Firehose, which begins at the newest record', (t) => {
  const { network, data, ingest, flink, fleet, observability } = allLayers({})
  const turned: ResolvedLayers = { network, data, fleet, ingest, flink, observability }
  t.match(checkLayers(turned), [{ rule: 'firehose-comes-before-producers', resource: 'RawDelivery' }])
  t.end()
})

t.test('a rule is there that no fault has ever shown to work', (t) => {
  const shown = new Set([...FAULTS.map(([rule]) => rule), 'firehose-comes-before-producers'])
  t.strictSame(
    RULES.map(({ name }) => name).filter((name) => !shown.has(name)),
    [],
  )
  t.end()
})

function set(target: unknown, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path
  const holder = target as Record<string, unknown>
  if (rest.length > 0) set(holder[key], rest, value)
  else if (value === undefined) delete holder[key]
  else holder[key] = value
}
