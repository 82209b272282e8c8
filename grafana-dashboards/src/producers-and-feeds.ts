import { NoUnit, PercentUnit, RowsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { defineDashboard, type PrometheusTarget, type Section } from './dashboard.ts'
import { between, equals } from './expectation.ts'
import { runningLiveFeeds } from './figures.ts'
import { putSection } from './put-section.ts'
import { gauge, increase, max, rate, sum } from './query.ts'

const FEED = { feed_kind: '$feed_kind' } as const
const MANY = 1_000_000

const feeds: Section<PrometheusTarget> = {
  title: 'Feeds',
  panels: [
    {
      look: 'stat',
      title: 'Feeds that run',
      unit: NoUnit,
      shows: 'Feeds under way.',
      normal: 'one live feed, and the replays that somebody started.',
      otherwise: 'none: it has ended, failed, or no producer takes it.',
      runbook: 'stalled',
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
      look: 'stat',
      title: 'Behind its pace',
      unit: Seconds,
      shows: 'How far the range that is furthest behind its pace is behind it.',
      normal: 'below 1 s; 0 at the pace max.',
      otherwise: 'the stream takes less than the pace asks for: look at throttled records, or ask for less.',
      runbook: 'stalled',
      limits: { warning: 5, critical: 60 },
      width: 6,
      targets: [
        { legend: 'behind', query: max(gauge('producer_pace_lag_seconds', FEED)), expects: between(0, 30) },
      ],
    },
    {
      look: 'stat',
      title: 'Ranges under way',
      unit: NoUnit,
      shows: 'Ranges of feeds that the producers execute, of how many they can at a time.',
      normal: 'one of a live feed.',
      otherwise: 'as many as there are slots while feeds wait: start another producer.',
      width: 6,
      targets: [
        { legend: 'under way', query: sum(gauge('producer_ranges_running', FEED)), expects: between(1, 100) },
        { legend: 'slots', query: sum(gauge('producer_range_slots', FEED)), expects: between(1, 100) },
      ],
    },
    {
      look: 'stat',
      title: 'Share of the time that replays wait',
      unit: PercentUnit,
      shows: 'How much of the time replays wait because they have had their share of stream 1.',
      normal: '0 without replays; at the pace max near 100%: live rows come first.',
      otherwise: 'give replays a larger share (REPLAY_SHARE), or the stream more shards.',
      width: 6,
      targets: [
        {
          legend: 'waits',
          query: sum(rate('producer_replay_wait_seconds_total')),
          expects: between(0, 100),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Rows of the source',
      unit: RowsPerSecond,
      shows:
        'Rows a second by what became of them: emitted, refused (no row could be read in them), filtered (the feed did not ask for them).',
      normal: 'emitted ones at the pace of the feed, few refused.',
      otherwise:
        'many refused: the file is not what it should be; the dead letters have each with its reason.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{result}}',
          query: sum(rate('producer_rows_total', FEED), 'result'),
          expects: between(0, MANY, { labels: { result: ['emitted', 'refused', 'filtered'] }, series: 3 }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Feeds that came to an end',
      unit: Short,
      shows: 'Feeds that finished, failed, were ended by another source, or cancelled.',
      normal: 'finished ones, when a file is at its end.',
      otherwise: 'failed: the log of the producer says why.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{state}}',
          query: sum(increase('producer_feeds_ended_total', FEED), 'state'),
          expects: between(0, 100, {
            labels: { state: ['finished', 'failed', 'ended', 'cancelled'] },
            series: 0,
          }),
        },
      ],
    },
  ],
}

export const producersAndFeeds = defineDashboard<PrometheusTarget>({
  name: 'producers-and-feeds',
  title: 'Producers and feeds',
  description:
    'For whoever runs it: which feeds run, whether they keep their pace, and what Kinesis says to what they put.',
  variables: ['environment', 'feed_kind', 'stream'],
  sections: [feeds, putSection],
})
