import { OpsPerSecond, PercentUnit, RecordsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between } from './expectation.ts'
import { gauge, quantile, rate, ratio, sum } from './query.ts'

const MANY = 1_000_000

/** From the poll of a shard to what its handlers did. */
export const handlingSection: Section<PrometheusTarget> = {
  title: 'Reading and handling',
  panels: [
    {
      look: 'lines',
      title: 'Handlers',
      unit: Seconds,
      shows: 'Time of one batch in the handlers, by the share of batches that took no longer.',
      normal: 'half of them a few milliseconds, 99 of 100 below 0.25 s.',
      otherwise: 'compare with the commands of Redis in the dashboard of the fleet: handlers do little else.',
      runbook: 'dependency',
      limits: { warning: 1 },
      width: 12,
      targets: [
        {
          legend: 'p50',
          query: quantile(0.5, 'consumer_batch_duration_seconds', { phase: 'handle' }),
          expects: between(0, 1),
        },
        {
          legend: 'p99',
          query: quantile(0.99, 'consumer_batch_duration_seconds', { phase: 'handle' }),
          expects: between(0, 5, { above: 'p50' }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Phases of the work, 95 of 100',
      unit: Seconds,
      shows: 'Time of one poll, of one batch in the handlers, and of one call that writes checkpoints.',
      normal: 'each below 0.1 s.',
      otherwise:
        'slow polls are Kinesis, slow checkpoints are Redis, slow handlers are either of our own making or Redis.',
      runbook: 'dependency',
      width: 12,
      targets: [
        {
          legend: '{{phase}}',
          query: quantile(0.95, 'consumer_batch_duration_seconds', {}, 'phase'),
          expects: between(0, 5, { labels: { phase: ['fetch', 'handle', 'checkpoint'] }, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Reads',
      unit: OpsPerSecond,
      shows: 'Polls of shards a second, by result.',
      normal: 'a few for each shard; Kinesis allows five.',
      otherwise:
        'throttled: somebody else reads the stream as well, or it needs more shards. Failed: Kinesis does not answer.',
      runbook: 'dependency',
      width: 12,
      targets: [
        {
          legend: '{{result}}',
          query: sum(rate('consumer_reads_total'), 'result'),
          expects: between(0, MANY, { labels: { result: ['read', 'throttled', 'failed'] } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Batches',
      unit: OpsPerSecond,
      shows: 'Batches given to the handlers a second, each try counted, by result.',
      normal: 'handled ones only.',
      otherwise:
        'those that fail are tried again, then halved, and the record that it was goes to the dead letters.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{result}}',
          query: sum(rate('consumer_batches_total'), 'result'),
          expects: between(0, MANY, { labels: { result: ['handled', 'failed'] } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Events by type',
      unit: RecordsPerSecond,
      shows: 'Events that were handled a second, by type.',
      normal: 'accidents at the rate of the feed, and for each window its figures.',
      otherwise: 'a type that is missing is one that Flink does not send: see the dashboard of Flink.',
      runbook: 'stalled',
      width: 12,
      targets: [
        {
          legend: '{{type}}',
          query: sum(rate('consumer_records_total', { result: 'handled' }), 'type'),
          expects: between(0, MANY, { labels: { type: 'any' }, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Memory for reading ahead',
      unit: PercentUnit,
      shows: 'How much of the memory for records that are read and not yet handled is taken, of each worker.',
      normal: 'a small part.',
      otherwise: 'full: handlers are slower than the stream, and reading waits for them.',
      runbook: 'stalled',
      limits: { warning: 0.9 },
      max: 1,
      width: 12,
      targets: [
        {
          legend: '{{instance}}',
          query: ratio(
            sum(gauge('consumer_read_ahead_bytes'), 'instance'),
            sum(gauge('consumer_read_ahead_limit_bytes'), 'instance'),
          ),
          expects: between(0, 1.5, { labels: { instance: 'any' } }),
        },
      ],
    },
  ],
}
