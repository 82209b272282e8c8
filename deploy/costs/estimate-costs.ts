import { Type } from 'typebox'
import { type CloudWatchSettings, monthlyCost } from '../../api/cloudwatch/monthly-cost.ts'
import { apiOptions } from '../../api/options.ts'
import { readOptions } from '../../lib/process/read-options.ts'
import { at, listOf, numberOf, type ResolvedLayers, textOf } from '../checks/rule.ts'
import type { ResolvedResource } from '../templates/resolve.ts'
import { type CostLine, HOURS, line, lineOf, price } from './cost-line.ts'
import { fargateLines, redisLine, tasksOf } from './fleet-costs.ts'

const KIB_PER_GIB = 1_048_576
const ROW_KIB = 0.6
/** Firehose counts every record as a multiple of this. */
const FIREHOSE_ROUNDING_KIB = 5
const GZIP_SHARE = 0.2
const GLUE_RUN_HOURS = 0.05
/** What Container Insights tells of three services. */
const CONTAINER_METRICS = 32
const SAMPLES_A_MINUTE = 4 * 400

/** What the layers cost a month with so many rows a second, all the time. Small change, such as requests, is left out. */
export function estimateCosts(layers: ResolvedLayers, rowsPerSecond: number): CostLine[] {
  const resources = Object.values(layers).flatMap((layer) => Object.values(layer.resources))
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type)
  const millionRows = (rowsPerSecond * HOURS * 3_600) / 1e6
  const rowsGib = (millionRows * 1e6 * ROW_KIB) / KIB_PER_GIB
  return [
    ...ofType('AWS::Kinesis::Stream').flatMap((stream) => streamLines(stream, millionRows)),
    ...ofType('AWS::KinesisFirehose::DeliveryStream').map(() => {
      const gib = (millionRows * 1e6 * FIREHOSE_ROUNDING_KIB) / KIB_PER_GIB
      return line('Firehose', [gib, 'GiB', price('firehoseGib')])
    }),
    ...ofType('AWS::KinesisAnalyticsV2::Application').map(flinkLine),
    ...fargateLines(layers),
    ...ofType('AWS::EC2::NatGateway').map((_, index, all) => {
      const gib = (2 * rowsGib) / all.length
      return line(`NAT gateway ${index + 1}`, [HOURS, 'h', price('natHour')], [gib, 'GiB', price('natGib')])
    }),
    ...lineOf(
      'Endpoints',
      ofType('AWS::EC2::VPCEndpoint').filter(isInterface).length * 2 * HOURS,
      'h',
      'endpointHour',
    ),
    ...ofType('AWS::ElasticLoadBalancingV2::LoadBalancer').map(() =>
      line(
        'Load balancer',
        [HOURS, 'h', price('loadBalancerHour')],
        [HOURS, 'units', price('loadBalancerUnitHour')],
      ),
    ),
    ...ofType('AWS::ElastiCache::ReplicationGroup').map(redisLine),
    ...ofType('AWS::Glue::Trigger').map((trigger) => {
      const runs = textOf(trigger.Properties.Schedule).includes('20 * * *') ? HOURS : 30
      const workers = numberOf(ofType('AWS::Glue::Job')[0]?.Properties.NumberOfWorkers)
      return line('Glue, 3 minutes a run', [runs * workers * GLUE_RUN_HOURS, 'DPU-h', price('dpuHourFlex')])
    }),
    line('S3, for each month kept', [rowsGib * GZIP_SHARE * 2, 'GiB', price('s3GibMonth')]),
    watchingLine(layers),
    ...lineOf(
      'Prometheus',
      ofType('AWS::APS::Workspace').length * tasksOf(layers) * 0.0438 * SAMPLES_A_MINUTE,
      'million samples',
      'millionSamples',
    ),
    ...lineOf('Grafana, one editor', ofType('AWS::Grafana::Workspace').length, '', 'grafanaEditorMonth'),
    line(
      'Key and secrets',
      [ofType('AWS::KMS::Key').length, 'key', price('keyMonth')],
      [ofType('AWS::SecretsManager::Secret').length, 'secrets', price('secretMonth')],
    ),
  ]
}

function streamLines({ Properties }: ResolvedResource, millionRows: number): CostLine[] {
  const shardHours = numberOf(Properties.ShardCount) * HOURS
  const isExtended = numberOf(Properties.RetentionPeriodHours, 24) > 24
  const name = `Kinesis ${textOf(Properties.Name).split('-').at(-1)}`
  return [
    line(
      name,
      [shardHours, 'shard-h', price('shardHour')],
      [millionRows, 'million puts', price('millionPutUnits')],
    ),
    ...(isExtended
      ? [
          line(`${name}, kept longer than a day`, [
            shardHours,
            'shard-h',
            price('shardHourOfExtendedRetention'),
          ]),
        ]
      : []),
  ]
}

function flinkLine({ Properties }: ResolvedResource): CostLine {
  const configuration = at(Properties.ApplicationConfiguration, 'FlinkApplicationConfiguration')
  const parallelism = at(configuration, 'ParallelismConfiguration')
  const kpus = numberOf(at(parallelism, 'Parallelism')) / numberOf(at(parallelism, 'ParallelismPerKPU'), 1)
  return line(
    'Managed Flink, and its own KPU',
    [(kpus + 1) * HOURS, 'KPU-h', price('kpuHour')],
    [kpus, 'storage', price('kpuStorageMonth')],
  )
}

/** Metrics that alarms look at, logs, and what the cluster tells of itself when it is asked to. */
function watchingLine(layers: ResolvedLayers): CostLine {
  const all = Object.values(layers).flatMap(({ resources }) => Object.values(resources))
  const alarms = all.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  const metrics = alarms.reduce(
    (sum, { Properties }) =>
      sum +
      Math.max(1, listOf(Properties.Metrics).filter((part) => at(part, 'MetricStat') !== undefined).length),
    0,
  )
  const insights = all.some(({ Properties }) => at(Properties.ClusterSettings, 0, 'Value') === 'enabled')
  const own = monthlyCost(cloudWatchSettings(layers))
  return line(
    'CloudWatch',
    [metrics, 'metrics of alarms', price('alarmMetricMonth')],
    [own.series, 'metrics of our own and their calls', own.usd / own.series],
    ...(insights
      ? [
          [CONTAINER_METRICS, 'metrics of containers', price('containerMetricMonth')] as [
            number,
            string,
            number,
          ],
        ]
      : []),
    [2, 'GiB of logs', price('logGib')],
  )
}

/** As the api is told; what it is not told is at its default. */
function cloudWatchSettings(layers: ResolvedLayers): CloudWatchSettings {
  const environment = at(layers.fleet.resources['ApiTask']?.Properties.ContainerDefinitions, 0, 'Environment')
  const given = Object.fromEntries(
    listOf(environment).map((variable) => [textOf(at(variable, 'Name')), textOf(at(variable, 'Value'))]),
  )
  const names = ['CLOUDWATCH_INTERVAL_SECONDS', 'CLOUDWATCH_ACCIDENTS', 'CLOUDWATCH_TOP_PLACES'] as const
  const options = readOptions(Type.Pick(apiOptions, names), given)
  return {
    intervalSeconds: options.CLOUDWATCH_INTERVAL_SECONDS,
    accidents: options.CLOUDWATCH_ACCIDENTS,
    topPlaces: options.CLOUDWATCH_TOP_PLACES,
  }
}

const isInterface = ({ Properties }: ResolvedResource) => Properties.VpcEndpointType === 'Interface'
