import { BytesIEC, Milliseconds, NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { containersSection } from './containers-section.ts'
import { type CloudWatchTarget, defineDashboard, type Section } from './dashboard.ts'
import { flinkOnAwsSection } from './flink-on-aws-section.ts'
import { ofRule } from './of-rule.ts'
import { redisAndCostSection } from './redis-and-cost-section.ts'

const STREAMS = { 'stream 1': '$environment-raw', 'stream 2': '$environment-processed' } as const

const ofStreams = (metric: string, statistic: CloudWatchTarget['statistic']): CloudWatchTarget[] =>
  Object.entries(STREAMS).map(([legend, StreamName]) => ({
    legend,
    namespace: 'AWS/Kinesis',
    metric,
    dimensions: { StreamName },
    statistic,
    periodSeconds: 60,
  }))

const ofDelivery = (metric: string, statistic: CloudWatchTarget['statistic']): CloudWatchTarget => ({
  legend: 'raw layer',
  namespace: 'AWS/Firehose',
  metric,
  dimensions: { DeliveryStreamName: '$environment-raw' },
  statistic,
  periodSeconds: 300,
})

const kinesis: Section<CloudWatchTarget> = {
  title: 'Kinesis',
  panels: [
    {
      look: 'lines',
      title: 'Records a minute',
      unit: Short,
      shows: 'Records put on each stream.',
      normal:
        'stream 1 at the pace of the feeds; stream 2 somewhat less, with figures of windows each minute.',
      otherwise: 'rows on stream 1 and nothing on stream 2: Flink.',
      runbook: 'stalled',
      width: 8,
      targets: ofStreams('IncomingRecords', 'Sum'),
    },
    {
      look: 'lines',
      title: 'Bytes a minute',
      unit: BytesIEC,
      shows: 'Bytes put on each stream.',
      normal: 'well below 60 MiB a minute for each shard.',
      otherwise: 'near it: more shards.',
      width: 8,
      targets: ofStreams('IncomingBytes', 'Sum'),
    },
    {
      look: 'lines',
      title: 'Readers behind',
      unit: Milliseconds,
      shows: 'Age of the oldest record that a reader has got, of the reader that is furthest behind.',
      normal: 'below 1 s; of stream 1 up to Firehose’s some seconds.',
      otherwise: 'growing: a reader stands still. At the retention of the stream records are lost.',
      runbook: 'stalled',
      limits: { warning: 60_000, critical: 600_000 },
      width: 8,
      targets: ofStreams('GetRecords.IteratorAgeMilliseconds', 'Maximum'),
    },
    {
      look: 'bars',
      title: 'Writes that were throttled',
      unit: NoUnit,
      shows: 'Puts that were more than a shard takes.',
      normal: 'nothing, or a few while a replay begins.',
      otherwise: 'for minutes: more shards, or a smaller share for replays (REPLAY_SHARE).',
      runbook: 'stalled',
      width: 12,
      targets: ofStreams('WriteProvisionedThroughputExceeded', 'Sum'),
    },
    {
      look: 'bars',
      title: 'Reads that were throttled',
      unit: NoUnit,
      shows: 'Reads that were more than a shard gives.',
      normal: 'nothing.',
      otherwise: 'somebody else reads the stream as well.',
      runbook: 'stalled',
      width: 12,
      targets: ofStreams('ReadProvisionedThroughputExceeded', 'Sum'),
    },
  ],
}

const layers: Section<CloudWatchTarget> = {
  title: 'Raw and analytics layer',
  panels: [
    {
      look: 'lines',
      title: 'Age of the oldest row that waits',
      unit: Seconds,
      shows: 'How old the oldest row is that Firehose has not put into the raw layer.',
      normal: 'up to the time for which it gathers, some minutes.',
      otherwise: 'growing: its error log, and the rights of its role. Rows wait on stream 1.',
      runbook: 'stalled',
      limits: { warning: 900, critical: 3_600 },
      width: 6,
      targets: [ofDelivery('DeliveryToS3.DataFreshness', 'Maximum')],
    },
    {
      look: 'lines',
      title: 'Deliveries that went well',
      unit: NoUnit,
      shows: 'Share of the objects that Firehose could put into S3.',
      normal: '1.',
      otherwise: 'below: the log of the delivery says why.',
      runbook: 'dependency',
      width: 6,
      targets: [ofDelivery('DeliveryToS3.Success', 'Average')],
    },
    {
      look: 'bars',
      title: 'Time that the Glue job takes',
      unit: Milliseconds,
      shows: 'How long the hourly job of the analytics layer worked.',
      normal: 'some minutes each hour.',
      otherwise: 'none for hours: it does not run. Near an hour: it has more to do than it can.',
      runbook: 'failing',
      width: 6,
      targets: [
        {
          legend: 'took',
          namespace: 'Glue',
          metric: 'glue.driver.aggregate.elapsedTime',
          dimensions: { JobName: '$environment-curate', JobRunId: 'ALL', Type: 'count' },
          statistic: 'Sum',
          periodSeconds: 300,
        },
      ],
    },
    {
      look: 'bars',
      title: 'Runs of the Glue job that failed',
      unit: NoUnit,
      shows: 'Runs of the hourly job of the analytics layer that ended with an error or a time-out.',
      normal: 'nothing.',
      otherwise: 'its run says why; the next run takes what it left.',
      runbook: 'failing',
      limits: { critical: 1 },
      width: 6,
      targets: [ofRule('failed', 'run-fails')],
    },
  ],
}

export const aws = defineDashboard<CloudWatchTarget>({
  name: 'aws',
  title: 'AWS',
  description:
    'For whoever runs it on AWS: what the services themselves say of streams, deliveries, the Flink application, containers, Redis and cost.',
  variables: ['environment', 'region'],
  sections: [kinesis, flinkOnAwsSection, layers, containersSection, redisAndCostSection],
})
