import { NoUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import { LAWS } from '../../lib/process/metrics/labels.ts'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between, empty, equals } from './expectation.ts'
import { liveDifferences, liveRows } from './figures.ts'
import { gauge, increase, sum } from './query.ts'

const FEED = { feed_kind: '$feed_kind' } as const

export const conservationSection: Section<PrometheusTarget> = {
  title: 'Nothing is lost',
  panels: [
    {
      look: 'lines',
      title: 'Differences by law',
      unit: Short,
      shows: 'Rows by which each conservation law does not hold, lost or made up.',
      normal: '0 for every law.',
      otherwise:
        'the law names the two places that disagree. After a loss of Redis it is known, and the api says so.',
      runbook: 'conservation-broken',
      limits: { critical: 1 },
      width: 12,
      targets: [
        {
          legend: '{{law}}',
          query: sum(gauge('conservation_difference_rows', FEED), 'law'),
          expects: equals(liveDifferences, { labels: { law: LAWS }, series: LAWS.length }),
        },
      ],
    },
    {
      look: 'ranking',
      title: 'Rows at each place',
      unit: Short,
      shows: 'Rows of the newest 20 feeds at each place where they are counted.',
      normal: 'what one place hands on, the next one has, but for what is under way.',
      otherwise: 'the laws beside it say which difference counts.',
      runbook: 'conservation-broken',
      width: 12,
      targets: [
        {
          legend: '{{place}}',
          query: sum(gauge('pipeline_rows', FEED), 'place'),
          expects: equals(liveRows, { labels: { place: 'any' }, series: 17, within: 0.3 }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Dead letters',
      unit: Short,
      shows:
        'Records put aside, by origin: rows that could not be read, oversize ones, what Flink refused, what the handler could not do.',
      normal: 'few, of the kinds that the source is known for; none of the handler.',
      otherwise: 'look at them, mend them and feed them in again on the operations page.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{origin}}',
          query: sum(increase('dead_letters_total', { origin: { not: 'handler' } }), 'origin'),
          expects: between(0, 10_000, {
            labels: { origin: ['row', 'oversize', 'rejected'] },
            series: 0,
          }),
        },
        {
          legend: 'handler',
          query: sum(increase('dead_letters_total', { origin: 'handler' })),
          expects: empty('every event that Flink sends can be handled'),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Feeds by state',
      unit: NoUnit,
      shows: 'The newest 20 feeds by state.',
      normal: 'one live feed runs; none has failed.',
      otherwise: 'the log of the producer says why a feed failed.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{state}}',
          query: sum(gauge('feeds', FEED), 'state'),
          expects: between(0, 20, { labels: { state: 'any' }, series: 7 }),
        },
      ],
    },
  ],
}
