import { RecordsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { defineDashboard, type PrometheusTarget, type Section } from './dashboard.ts'
import { between } from './expectation.ts'
import { flinkJobSection } from './flink-job-section.ts'
import { gauge, max, quantile, slope, sum } from './query.ts'

const FEED = { feed_kind: '$feed_kind' } as const
const MANY = 1_000_000

/** What the rest of the pipeline sees of it, wherever it runs. */
const seenFromOutside: Section<PrometheusTarget> = {
  title: 'Seen from outside',
  panels: [
    {
      look: 'lines',
      title: 'From the put of a row to what Flink put',
      unit: Seconds,
      shows: 'What Flink takes of the freshness of an insight, by the share of rows that took no longer.',
      normal: '95 of 100 below 1.5 s.',
      otherwise: 'look for back-pressure and long checkpoints below; on AWS, in the dashboard AWS.',
      runbook: 'stalled',
      limits: { warning: 2 },
      width: 8,
      targets: [
        {
          legend: 'p50',
          query: quantile(0.5, 'hop_duration_seconds', { ...FEED, hop: 'flink' }),
          expects: between(0.01, 5),
        },
        {
          legend: 'p95',
          query: quantile(0.95, 'hop_duration_seconds', { ...FEED, hop: 'flink' }),
          expects: between(0.01, 10, { above: 'p50' }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Rows that wait before Flink',
      unit: Short,
      shows: 'Rows that were emitted and that Flink has not counted yet.',
      normal: 'as many as come in about a second.',
      otherwise: 'growing: Flink is too slow or stands still. More KPUs, or see why it restarts.',
      runbook: 'stalled',
      width: 8,
      targets: [
        {
          legend: 'rows',
          query: sum(gauge('pipeline_backlog_rows', { ...FEED, stage: 'flink' })),
          expects: between(0, 100_000),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Watermark behind now',
      unit: Seconds,
      shows: 'Age of the moment up to which Flink has counted every event.',
      normal: 'some 30 to 45 s.',
      otherwise: 'a shard of stream 1 that is not read holds it back.',
      runbook: 'stalled',
      limits: { warning: 60, critical: 120 },
      width: 8,
      targets: [
        {
          legend: 'behind',
          query: max(gauge('pipeline_watermark_lag_seconds', FEED)),
          expects: between(1, 120),
        },
      ],
    },
    {
      look: 'lines',
      title: 'What becomes of rows',
      unit: RecordsPerSecond,
      shows:
        'Rows that Flink counts a second: on time, late, repeated under another id, rejected, sent again.',
      normal: 'nearly all on time; of the real data one in eight is repeated.',
      otherwise: 'many late: the producer lags, or dates rows back. Many rejected: the dead letters say why.',
      runbook: 'failing',
      width: 24,
      targets: [
        {
          legend: '{{place}}',
          query: sum(
            slope('pipeline_rows', { ...FEED, place: ['on_time', 'late', 'repeated', 'rejected', 'resent'] }),
            'place',
          ),
          expects: between(-1, MANY, {
            labels: { place: ['on_time', 'late', 'repeated', 'rejected', 'resent'] },
            series: 5,
          }),
        },
      ],
    },
  ],
}

export const flink = defineDashboard<PrometheusTarget>({
  name: 'flink',
  title: 'Flink',
  description:
    'For whoever runs it: does the Flink job keep up, does it hold, and what becomes of the rows that it takes?',
  variables: ['environment', 'feed_kind'],
  sections: [seenFromOutside, flinkJobSection],
})
