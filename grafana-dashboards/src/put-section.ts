import {
  BytesIEC,
  OpsPerSecond,
  PercentUnit,
  RecordsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between, empty } from './expectation.ts'
import { gauge, increase, observations, quantile, rate, ratio, sum } from './query.ts'

const STREAM = { stream: '$stream' } as const
const MANY = 1_000_000

export const putSection: Section<PrometheusTarget> = {
  title: 'Puts',
  panels: [
    {
      look: 'lines',
      title: 'Records put',
      unit: RecordsPerSecond,
      shows: 'Records put a second, each try counted, by what Kinesis said.',
      normal: 'accepted ones only.',
      otherwise:
        'throttled: their shard takes no more, and they are put again; for long, the stream needs more shards.',
      runbook: 'stalled',
      width: 12,
      targets: [
        {
          legend: '{{stream}} {{result}}',
          query: sum(rate('producer_put_records_total', STREAM), 'stream', 'result'),
          expects: between(0, MANY, {
            labels: { stream: ['raw', 'processed'], result: ['accepted', 'throttled', 'refused'] },
          }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Time of a put',
      unit: Seconds,
      shows: 'Time of one call of PutRecords, by the share of calls that took no longer.',
      normal: 'half of them some 10 ms, 99 of 100 below 0.25 s.',
      otherwise: 'Kinesis is slow, or the way to it.',
      runbook: 'dependency',
      limits: { warning: 1 },
      width: 12,
      targets: [
        {
          legend: 'p50',
          query: quantile(0.5, 'producer_put_duration_seconds', STREAM),
          expects: between(0, 1),
        },
        {
          legend: 'p99',
          query: quantile(0.99, 'producer_put_duration_seconds', STREAM),
          expects: between(0, 10, { above: 'p50' }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Calls',
      unit: OpsPerSecond,
      shows: 'Calls of PutRecords a second.',
      normal: 'a few; each carries up to 500 records.',
      otherwise: 'many with few records each: the pace leaves no time to gather more.',
      width: 6,
      targets: [
        {
          legend: '{{stream}}',
          query: sum(observations('producer_put_duration_seconds', STREAM), 'stream'),
          expects: between(0.01, MANY, { labels: { stream: ['raw', 'processed'] } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'In flight',
      unit: BytesIEC,
      shows: 'Bytes that are read and not yet acknowledged by Kinesis, of each producer.',
      normal: 'a small part of what may be.',
      otherwise:
        'at the limit, reading waits for Kinesis: look at the time of a put and at throttled records.',
      runbook: 'stalled',
      width: 6,
      targets: [
        {
          legend: '{{instance}}',
          query: sum(gauge('producer_buffered_bytes'), 'instance'),
          expects: between(0, 1_000_000_000, { labels: { instance: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'In flight, of what may be',
      unit: PercentUnit,
      shows: 'The same as a share of what the ranges under way may have in flight together.',
      normal: 'below 0.5.',
      otherwise: 'as beside it; PUT_MAX_IN_FLIGHT_BYTES is the limit.',
      runbook: 'stalled',
      limits: { warning: 0.9 },
      max: 1,
      width: 6,
      targets: [
        {
          legend: '{{instance}}',
          query: ratio(
            sum(gauge('producer_buffered_bytes'), 'instance'),
            sum(gauge('producer_buffer_limit_bytes'), 'instance'),
          ),
          expects: between(0, 1, { labels: { instance: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Records in flight',
      unit: Short,
      shows: 'Records that are read and not yet acknowledged by Kinesis, of each producer.',
      normal: 'as many as are read in a second.',
      otherwise: 'as beside it.',
      runbook: 'stalled',
      width: 6,
      targets: [
        {
          legend: '{{instance}}',
          query: sum(gauge('producer_buffered_records'), 'instance'),
          expects: between(0, MANY, { labels: { instance: 'any' } }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Put aside by producers',
      unit: Short,
      shows: 'Rows that could not be read, and those that are too large for a record.',
      normal: 'few, of the kinds that the source is known for.',
      otherwise: 'the dead letters have each with its line and the reason.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{origin}}',
          query: sum(increase('dead_letters_total', { origin: ['row', 'oversize'] }), 'origin'),
          expects: between(0, 10_000, { labels: { origin: ['row', 'oversize'] }, series: 0 }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Refused by Kinesis',
      unit: Short,
      shows: 'Records that Kinesis refused for another reason than too much at a time.',
      normal: 'nothing.',
      otherwise: 'the log of the producer has the code of the error.',
      runbook: 'dependency',
      width: 12,
      targets: [
        {
          legend: 'refused',
          query: sum(increase('producer_put_records_total', { ...STREAM, result: 'refused' })),
          expects: empty('Kinesis refuses nothing while it is well'),
        },
      ],
    },
  ],
}
