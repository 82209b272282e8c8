import { NoUnit, RowsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { conservationSection } from './conservation-section.ts'
import { defineDashboard, type PrometheusTarget } from './dashboard.ts'
import { between, equals } from './expectation.ts'
import { runningLiveFeeds } from './figures.ts'
import { gauge, max, quantile, rate, slope, sum } from './query.ts'

const FEED = { feed_kind: '$feed_kind' } as const

export const pipeline = defineDashboard<PrometheusTarget>({
  name: 'pipeline',
  title: 'Pipeline',
  description:
    'For whoever runs it: is what comes in shown in time, does each stage keep up, and is anything lost? Stage by stage, from the row of a feed to the insight.',
  variables: ['environment', 'feed_kind'],
  sections: [
    {
      title: 'Freshness',
      panels: [
        {
          look: 'stat',
          title: 'Freshness, 95 of 100 rows',
          unit: Seconds,
          shows: 'Time from the put of a row to the moment its insight can be read.',
          normal: 'below 2 s.',
          otherwise: 'see below which hop is slow; then the dashboard of that stage.',
          runbook: 'stalled',
          limits: { warning: 2, critical: 10 },
          width: 6,
          targets: [
            {
              legend: 'p95',
              query: quantile(0.95, 'freshness_seconds', FEED),
              expects: between(0.05, 10),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Watermark behind now',
          unit: Seconds,
          shows:
            'Age of the moment up to which Flink has counted every event, of the running feed furthest behind.',
          normal: 'some 30 to 45 s: so long Flink waits for rows that come late.',
          otherwise: 'one that grows means that Flink stands still, or that a shard of stream 1 is not read.',
          runbook: 'stalled',
          limits: { warning: 60, critical: 120 },
          width: 6,
          targets: [
            {
              legend: 'behind',
              query: max(gauge('pipeline_watermark_lag_seconds', FEED)),
              expects: between(1, 120),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Rows missing or made up',
          unit: Short,
          shows: 'Differences of all conservation laws, summed.',
          normal: '0, always.',
          otherwise: 'the panel of the laws says which two places disagree.',
          runbook: 'conservation-broken',
          limits: { critical: 1 },
          width: 6,
          targets: [
            {
              legend: 'rows',
              query: sum(gauge('conservation_difference_rows', FEED)),
              expects: between(0, 0),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Feeds that run',
          unit: NoUnit,
          shows: 'Feeds under way among the newest 20.',
          normal: 'one live feed, and the replays that somebody started.',
          otherwise: 'a live feed that has failed or ended is in the list of feeds below.',
          runbook: 'failing',
          width: 6,
          targets: [
            {
              legend: 'running',
              query: sum(gauge('feeds', { ...FEED, state: 'running' })),
              expects: equals(runningLiveFeeds),
            },
          ],
        },
        {
          look: 'lines',
          title: 'Freshness',
          unit: Seconds,
          shows:
            'Time from the put of a row to the moment its insight can be read, by the share of rows that took no longer.',
          normal: '95 of 100 rows below 2 s; a minute after a restart it comes back.',
          otherwise: 'compare with the hops beside it.',
          runbook: 'stalled',
          limits: { warning: 2 },
          width: 12,
          targets: [
            { legend: 'p50', query: quantile(0.5, 'freshness_seconds', FEED), expects: between(0.01, 5) },
            {
              legend: 'p95',
              query: quantile(0.95, 'freshness_seconds', FEED),
              expects: between(0.05, 10, { above: 'p50' }),
            },
            {
              legend: 'p99',
              query: quantile(0.99, 'freshness_seconds', FEED),
              expects: between(0.05, 60, { above: 'p95' }),
            },
          ],
        },
        {
          look: 'lines',
          title: 'Where the time goes, 95 of 100 rows',
          unit: Seconds,
          shows:
            'The two parts of freshness: from the put of a row to what Flink put, and from there to the insight.',
          normal: 'Flink takes most of it, the consumer some 0.2 s.',
          otherwise: 'look at Flink or at Consumers, whichever grew.',
          runbook: 'stalled',
          width: 12,
          targets: [
            {
              legend: 'Flink',
              query: quantile(0.95, 'hop_duration_seconds', { ...FEED, hop: 'flink' }, 'hop'),
              expects: between(0.01, 10, { labels: { hop: ['flink'] } }),
            },
            {
              legend: 'consumer',
              query: quantile(0.95, 'hop_duration_seconds', { ...FEED, hop: 'consumer' }, 'hop'),
              expects: between(0.001, 10, { labels: { hop: ['consumer'] } }),
            },
          ],
        },
      ],
    },
    {
      title: 'Stages',
      panels: [
        {
          look: 'lines',
          title: 'Rate of each stage',
          unit: RowsPerSecond,
          shows:
            'Rows that the producer emits, that Flink counts, and accidents and refusals that the consumer receives.',
          normal:
            'three lines on top of each other; the consumer has fewer, because repeated accidents end in Flink.',
          otherwise: 'the first stage whose line falls is where to look.',
          runbook: 'stalled',
          width: 12,
          targets: [
            {
              legend: 'producer',
              query: sum(rate('producer_rows_total', { ...FEED, result: 'emitted' })),
              expects: between(0.1, 100_000),
            },
            {
              legend: 'Flink',
              query: sum(slope('pipeline_rows', { ...FEED, place: 'in' })),
              expects: between(0.1, 100_000),
            },
            {
              legend: 'consumer',
              query: sum(
                rate('consumer_records_total', {
                  ...FEED,
                  type: ['accident', 'accident_late', 'rejected'],
                  result: 'handled',
                }),
              ),
              expects: between(0.1, 100_000),
            },
          ],
        },
        {
          look: 'lines',
          title: 'Backlog of each stage',
          unit: Short,
          shows:
            'Rows that wait before Flink (emitted, not counted yet) and before the consumer (counted, not received yet).',
          normal: 'as many as come in about a second.',
          otherwise: 'one that grows belongs to a stage that is too slow or stands still.',
          runbook: 'stalled',
          width: 12,
          targets: [
            {
              legend: '{{stage}}',
              query: sum(gauge('pipeline_backlog_rows', FEED), 'stage'),
              expects: between(0, 100_000, { labels: { stage: ['flink', 'consumer'] }, series: 2 }),
            },
          ],
        },
      ],
    },
    conservationSection,
  ],
})
