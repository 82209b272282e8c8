import { BytesPerSecondSI, NoUnit, RecordsPerSecond, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { defineDashboard, type PrometheusTarget, type Section } from './dashboard.ts'
import { between, equals } from './expectation.ts'
import { shardsInUse } from './figures.ts'
import { handlingSection } from './handling-section.ts'
import { leaseSection } from './lease-section.ts'
import { count, gauge, max, rate, sum } from './query.ts'

const SHARD = { shard: '$shard' } as const
const MANY = 1_000_000

const overview: Section<PrometheusTarget> = {
  title: 'At a glance',
  panels: [
    {
      look: 'stat',
      title: 'Furthest behind',
      unit: Seconds,
      shows:
        'Age of the oldest record that is read and not yet handled, of the shard that is furthest behind.',
      normal: 'below 1 s.',
      otherwise:
        'the panel of lags says whether it is one shard (its owner) or all (too few consumers, or Redis).',
      runbook: 'stalled',
      limits: { warning: 5, critical: 30 },
      width: 6,
      targets: [
        { legend: 'lag', query: max(gauge('consumer_lag_seconds')), expects: between(0, 10) },
        { legend: 'as the api sees it', query: max(gauge('fleet_lag_seconds')), expects: between(0, 10) },
      ],
    },
    {
      look: 'stat',
      title: 'Shards that are owned',
      unit: NoUnit,
      shows: 'Leases that the consumers hold together, and the shards of stream 2 that there are.',
      normal: 'as many as stream 2 has shards.',
      otherwise:
        'fewer for longer than a takeover takes: the logs of the consumers say why nobody takes one.',
      runbook: 'shard-unowned',
      width: 6,
      targets: [
        { legend: 'owned', query: sum(gauge('consumer_shards_owned')), expects: equals(shardsInUse) },
        { legend: 'shards', query: sum(gauge('fleet_shards')), expects: equals(shardsInUse) },
      ],
    },
    {
      look: 'stat',
      title: 'Shards without an owner',
      unit: NoUnit,
      shows: 'Shards of stream 2 that no worker owns, as the api on watch sees it.',
      normal: '0; for a second or two another number while a shard passes to another worker.',
      otherwise: 'what arrives on such a shard waits.',
      runbook: 'shard-unowned',
      limits: { critical: 1 },
      width: 6,
      targets: [
        { legend: 'without an owner', query: sum(gauge('fleet_shards_unowned')), expects: between(0, 0) },
      ],
    },
    {
      look: 'stat',
      title: 'Shards that do not move',
      unit: NoUnit,
      shows: 'Shards whose handler does not return, and shards that wait for a dependency which is down.',
      normal: '0 and 0.',
      otherwise: 'stuck: the handler hangs, stop that worker. Waiting: the dependency is what is down.',
      runbook: 'unresponsive',
      limits: { critical: 1 },
      width: 6,
      targets: [
        { legend: 'stuck', query: sum(gauge('consumer_shards_stuck')), expects: between(0, 0) },
        { legend: 'waiting', query: sum(gauge('consumer_shards_waiting')), expects: between(0, 0) },
      ],
    },
  ],
}

const shards: Section<PrometheusTarget> = {
  title: 'Shard by shard',
  panels: [
    {
      look: 'lines',
      title: 'Lag of each shard',
      unit: Seconds,
      shows: 'Age of the oldest record of a shard that is read and not yet handled.',
      normal: 'below 1 s; after a takeover a short peak.',
      otherwise: 'one shard that rises alone has a slow or stuck handler, or a hot key.',
      runbook: 'stalled',
      limits: { warning: 5, critical: 30 },
      width: 12,
      targets: [
        {
          legend: '{{shard}}',
          query: max(gauge('consumer_lag_seconds', SHARD), 'shard'),
          expects: between(0, 10, { labels: { shard: 'any' } }),
        },
        {
          legend: 'furthest behind',
          query: max(gauge('consumer_lag_seconds', SHARD)),
          expects: between(0, 10, { highestOf: '{{shard}}' }),
        },
      ],
    },
    {
      look: 'owners',
      title: 'Owner of each shard over time',
      unit: NoUnit,
      shows: 'A line for each worker and shard that it held; green while it owned it.',
      normal: 'of each shard one line at a time is green.',
      otherwise:
        'two that are green at once for longer than a scrape, or shards that go back and forth: look at leaseSection below.',
      runbook: 'shard-unowned',
      width: 12,
      targets: [
        {
          legend: '{{shard}} {{instance}}',
          query: count(gauge('consumer_lag_seconds', SHARD), 'shard', 'instance'),
          expects: between(1, 1, { labels: { shard: 'any', instance: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Records of each shard',
      unit: RecordsPerSecond,
      shows: 'Records that are done with, a second.',
      normal: 'about the same for every shard.',
      otherwise: 'a shard with much more has a hot key; one with none has nothing to read, or no owner.',
      width: 12,
      targets: [
        {
          legend: '{{shard}}',
          query: sum(rate('consumer_shard_records_total', SHARD), 'shard'),
          expects: between(0, MANY, { labels: { shard: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Bytes of each shard',
      unit: BytesPerSecondSI,
      shows: 'Bytes of the records that are done with, a second.',
      normal: 'well below the 2 MB a second that a shard gives.',
      otherwise: 'near that limit, the stream needs more shards.',
      limits: { warning: 1_600_000 },
      width: 12,
      targets: [
        {
          legend: '{{shard}}',
          query: sum(rate('consumer_shard_bytes_total', SHARD), 'shard'),
          expects: between(0, 2_000_000, { labels: { shard: 'any' } }),
        },
      ],
    },
  ],
}

export const consumers = defineDashboard<PrometheusTarget>({
  name: 'consumers',
  title: 'Consumers',
  description:
    'For whoever runs it: which worker reads which shard of stream 2, how far behind it is, and what its handlers take.',
  variables: ['environment', 'shard'],
  sections: [overview, shards, handlingSection, leaseSection],
})
