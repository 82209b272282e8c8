import type { Sample } from '../../grafana-dashboards/src/judge-answer.ts'
import { METRICS } from '../../lib/process/metrics/metric-table.ts'

/** A fault that a query could have, in the panel of a dashboard. */
export type QueryFault = {
  fault: string
  dashboard: string
  panel: string
  /** Of the query in that panel. */
  legend: string
  from: string
  to: string
  /** What the whole query and the one with the fault answer, in a pipeline that is well. */
  answers: { whole: Sample[]; faulty: Sample[] }
}

const one = (value: number, labels: Sample['labels'] = {}): Sample[] => [{ labels, value }]

export const QUERY_FAULTS: readonly QueryFault[] = [
  {
    fault: 'a label that the metric does not have',
    dashboard: 'consumers',
    panel: 'Batches',
    legend: '{{result}}',
    from: 'sum by (result)',
    to: 'sum by (outcome)',
    answers: { whole: one(4, { result: 'handled' }), faulty: one(4) },
  },
  {
    fault: 'another metric of the same type',
    dashboard: 'consumers',
    panel: 'Shards that are owned',
    legend: 'owned',
    from: 'consumer_shards_owned',
    to: 'consumer_shards_stuck',
    answers: { whole: one(4), faulty: one(0) },
  },
  {
    fault: 'a rate of a gauge',
    dashboard: 'consumers',
    panel: 'Shards that are owned',
    legend: 'owned',
    from: 'consumer_shards_owned{environment=~"$environment"}',
    to: 'rate(consumer_shards_owned{environment=~"$environment"}[$__rate_interval])',
    answers: { whole: one(4), faulty: one(0) },
  },
  {
    fault: 'a missing aggregation',
    dashboard: 'fleet',
    panel: 'Commands that wait',
    legend: 'waiting',
    from: 'sum(redis_commands_waiting{environment=~"$environment"})',
    to: 'redis_commands_waiting{environment=~"$environment"}',
    answers: {
      whole: one(3),
      faulty: ['a', 'b', 'c'].flatMap((instance) => one(1, { instance, job: 'roadpulse' })),
    },
  },
  {
    fault: 'milliseconds in place of seconds',
    dashboard: 'pipeline',
    panel: 'Freshness, 95 of 100 rows',
    legend: 'p95',
    from: 'histogram_quantile(',
    to: '1000 * histogram_quantile(',
    answers: { whole: one(1.2), faulty: one(1_200) },
  },
  {
    fault: 'the other hop',
    dashboard: 'pipeline',
    panel: 'Where the time goes, 95 of 100 rows',
    legend: 'Flink',
    from: 'hop="flink"',
    to: 'hop="consumer"',
    answers: { whole: one(1, { hop: 'flink' }), faulty: one(0.2, { hop: 'consumer' }) },
  },
  {
    fault: 'the other kind of feeds',
    dashboard: 'pipeline',
    panel: 'Rows at each place',
    legend: '{{place}}',
    from: 'feed_kind=~"$feed_kind"',
    to: 'feed_kind="replay"',
    answers: {
      whole: placesOf({ read: 1_000, emitted: 990, refused: 10, in: 980 }),
      faulty: placesOf({}),
    },
  },
  {
    fault: 'another quantile',
    dashboard: 'pipeline',
    panel: 'Freshness',
    legend: 'p99',
    from: 'histogram_quantile(0.99',
    to: 'histogram_quantile(0.95',
    answers: { whole: one(1.6), faulty: one(1.2) },
  },
  {
    fault: 'the sum of lags in place of the largest',
    dashboard: 'fleet',
    panel: 'Delay of the event loop, 99 of 100',
    legend: 'worst',
    from: 'max(',
    to: 'sum(',
    answers: { whole: one(0.4), faulty: one(0.7) },
  },
  {
    fault: 'a quantile without le',
    dashboard: 'consumers',
    panel: 'Phases of the work, 95 of 100',
    legend: '{{phase}}',
    from: 'sum by (le, phase)',
    to: 'sum by (phase)',
    answers: {
      whole: ['fetch', 'handle', 'checkpoint'].flatMap((phase) => one(0.02, { phase })),
      faulty: [],
    },
  },
]

function placesOf(rows: Record<string, number>): Sample[] {
  const places = METRICS.pipeline_rows.labels.place
  return places.flatMap((place) => one(rows[place] ?? 0, { place }))
}
