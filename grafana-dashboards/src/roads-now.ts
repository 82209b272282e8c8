import { NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { defineDashboard, type PrometheusTarget } from './dashboard.ts'
import { between, equals } from './expectation.ts'
import { cityAccidents, heaviestHotspot, lastMinute, openSurges } from './figures.ts'
import { age, gauge, largest, max, quantile, sum } from './query.ts'

export const roadsNow = defineDashboard<PrometheusTarget>({
  name: 'roads-now',
  title: 'Roads now',
  description:
    'For people who ask about the roads: where it is worst, how many accidents a minute and how grave, which areas have far more than usual, and the cities with the most. All of the newest live feed.',
  variables: ['environment'],
  sections: [
    {
      title: 'Now',
      panels: [
        {
          look: 'stat',
          title: 'Accidents in the last minute',
          unit: NoUnit,
          shows: 'Accidents of the last minute that is complete, in all states.',
          normal: 'what the feed has; by night fewer than by day.',
          otherwise: 'nothing at all, for minutes: see Pipeline whether rows still flow.',
          runbook: 'stalled',
          width: 6,
          targets: [
            {
              legend: 'accidents',
              query: sum(gauge('roads_accidents')),
              expects: between(1, 100_000),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Areas with a surge',
          unit: NoUnit,
          shows:
            'States, and cells of some 36 km², with far more accidents than their own past leads to expect.',
          normal: 'mostly none; a surge lasts some minutes.',
          otherwise: 'the operations page names them. In the first ten minutes of a feed there is none.',
          limits: { warning: 1 },
          width: 6,
          targets: [
            {
              legend: '{{area_kind}}',
              query: sum(gauge('roads_surges_open'), 'area_kind'),
              expects: equals(openSurges, { labels: { area_kind: ['state', 'cell'] }, series: 2 }),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Gravest hotspot',
          unit: NoUnit,
          shows: 'Sum of the severities of the accidents of ten minutes in the worst cell.',
          normal: 'below 20.',
          otherwise: 'the map shows where it is.',
          limits: { warning: 20, critical: 40 },
          width: 6,
          targets: [
            {
              legend: 'weight',
              query: max(gauge('roads_hotspot_weight')),
              expects: equals(heaviestHotspot),
            },
          ],
        },
        {
          look: 'stat',
          title: 'Age of the last minute',
          unit: Seconds,
          shows: 'How long ago the minute began that the figures beside it are of.',
          normal:
            'between 90 and 180 s: a minute is complete half a minute after its end, for accidents that are told late.',
          otherwise: 'older: what is shown here is not now.',
          runbook: 'stalled',
          limits: { warning: 210, critical: 300 },
          width: 6,
          targets: [
            {
              legend: 'age',
              query: age(max(gauge('roads_minute_timestamp_seconds'))),
              expects: between(60, 240),
            },
          ],
        },
        {
          look: 'map',
          title: 'Hotspots',
          unit: NoUnit,
          shows:
            'The 20 cells with the gravest accidents of the last ten minutes; the larger a circle, the graver.',
          normal: 'circles in and around the big cities.',
          otherwise: 'none at all means that no window has closed yet, or that nothing flows.',
          runbook: 'stalled',
          width: 16,
          targets: [
            {
              legend: '{{rank}}',
              query: max(gauge('roads_hotspot_weight'), 'rank', 'lat', 'lon'),
              expects: between(1, 10_000, { labels: { rank: 'any', lat: 'any', lon: 'any' } }),
            },
          ],
        },
        {
          look: 'ranking',
          title: 'Cities with the most accidents',
          unit: NoUnit,
          shows: 'Accidents of the last hour in the first ten cities.',
          normal: 'the big cities.',
          otherwise: 'one that leads by far has a surge, or its accidents are told several times.',
          width: 8,
          targets: [
            {
              legend: '{{city}}, {{state}}',
              query: max(gauge('roads_city_accidents'), 'city', 'state'),
              expects: equals(cityAccidents, { labels: { city: 'any', state: 'any' } }),
            },
          ],
        },
      ],
    },
    {
      title: 'Minute by minute',
      panels: [
        {
          look: 'bars',
          title: 'Accidents a minute by severity',
          unit: Short,
          shows: 'Accidents of the last complete minute, by severity from 1 to 4, as it was at each time.',
          normal: 'most of severity 2, few of 1 and 4.',
          otherwise: 'many of severity 4: look at the map.',
          width: 12,
          targets: [
            {
              legend: 'severity {{severity}}',
              query: sum(gauge('roads_accidents'), 'severity'),
              expects: equals(lastMinute, { labels: { severity: ['1', '2', '3', '4'] } }),
            },
          ],
        },
        {
          look: 'ranking',
          title: 'States with the most accidents',
          unit: NoUnit,
          shows: 'Accidents of the last complete minute in the first ten states.',
          normal: 'the big states: California, Florida, Texas.',
          otherwise: 'a small state among the first: see whether it has a surge.',
          width: 12,
          targets: [
            {
              legend: '{{state}}',
              query: largest(10, sum(gauge('roads_accidents'), 'state')),
              expects: between(1, 10_000, { labels: { state: 'any' } }),
            },
          ],
        },
        {
          look: 'lines',
          title: 'Surges',
          unit: NoUnit,
          shows: 'States and cells with far more accidents than usual.',
          normal: 'none, and now and then a few.',
          otherwise:
            'many at once: weather over a large area, or a feed that tells the past as if it were now.',
          width: 12,
          targets: [
            {
              legend: '{{area_kind}}',
              query: sum(gauge('roads_surges_open'), 'area_kind'),
              expects: equals(openSurges, { labels: { area_kind: ['state', 'cell'] }, series: 2 }),
            },
          ],
        },
        {
          look: 'lines',
          title: 'From the report to this picture',
          unit: Seconds,
          shows: 'Time from a row of the feed to the moment it can be seen, for 95 of 100 rows.',
          normal: 'below 2 s.',
          otherwise: 'see Pipeline.',
          runbook: 'stalled',
          limits: { warning: 2, critical: 10 },
          width: 12,
          targets: [
            {
              legend: 'p95',
              query: quantile(0.95, 'freshness_seconds', { feed_kind: 'live' }),
              expects: between(0.05, 10),
            },
          ],
        },
      ],
    },
  ],
})
