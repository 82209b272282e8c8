import { NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { type CloudWatchTarget, defineDashboard } from './dashboard.ts'

const SEVERITIES = ['1', '2', '3', '4'] as const

/** Counts are absolute, and one that is published twice is the same: their maximum is what is true. */
const accidents = (dimension: 'Severity' | 'State', value: string, legend: string): CloudWatchTarget => ({
  legend,
  namespace: 'Roadpulse',
  metric: 'Accidents',
  dimensions: { [dimension]: value },
  statistic: 'Maximum',
  periodSeconds: 60,
})

const bySeverity = SEVERITIES.map((severity) => accidents('Severity', severity, `severity ${severity}`))

export const roadsNowCloudWatch = defineDashboard<CloudWatchTarget>({
  name: 'roads-now-cloudwatch',
  title: 'Roads now (CloudWatch)',
  description:
    'For people who ask about the roads, where there is no Prometheus: accidents a minute by severity and by state, as the api publishes them to CloudWatch. The map and the cities are on the operations page.',
  variables: ['region'],
  sections: [
    {
      title: 'Now',
      panels: [
        {
          look: 'stat',
          title: 'Accidents in the last minute',
          unit: NoUnit,
          shows: 'Accidents of the last minute that is complete, by severity.',
          normal: 'most of severity 2, few of 1 and 4.',
          otherwise: 'nothing for minutes: no feed runs, or the api does not publish (CLOUDWATCH_ACCIDENTS).',
          runbook: 'stalled',
          width: 16,
          targets: bySeverity,
        },
        {
          look: 'stat',
          title: 'Consumers behind',
          unit: Seconds,
          shows: 'How far the shard of stream 2 is behind that is furthest behind.',
          normal: 'below 1 s.',
          otherwise: 'what is shown here is older than it looks.',
          runbook: 'stalled',
          limits: { warning: 5, critical: 30 },
          width: 8,
          targets: [
            {
              legend: 'behind',
              namespace: 'Roadpulse',
              metric: 'LagSeconds',
              dimensions: { Service: 'consumer' },
              statistic: 'Maximum',
              periodSeconds: 60,
            },
          ],
        },
        {
          look: 'bars',
          title: 'Accidents a minute by severity',
          unit: Short,
          shows: 'Accidents of each complete minute, by severity from 1 to 4.',
          normal:
            'most of severity 2; by night fewer than by day. The newest two minutes are not complete yet.',
          otherwise: 'a gap: nothing was published then; it is filled for three hours back.',
          runbook: 'stalled',
          width: 24,
          targets: bySeverity,
        },
      ],
    },
    {
      title: 'By state',
      panels: [
        {
          look: 'ranking',
          title: 'States with the most accidents',
          unit: NoUnit,
          shows:
            'Accidents of the last complete minute in the ten states that had the most in the time that is shown.',
          normal: 'the big states: California, Florida, Texas.',
          otherwise:
            'a small state among the first has a surge. None at all: CLOUDWATCH_ACCIDENTS is not `state`.',
          width: 8,
          targets: [{ ...accidents('State', '*', "${PROP('Dim.State')}"), largest: 10 }],
        },
        {
          look: 'lines',
          title: 'Accidents a minute in these states',
          unit: Short,
          shows: 'Accidents of each complete minute in the ten states that had the most.',
          normal: 'slow ups and downs, with the traffic.',
          otherwise: 'one that leaps has a surge; the operations page says where in it.',
          width: 16,
          targets: [{ ...accidents('State', '*', "${PROP('Dim.State')}"), largest: 10 }],
        },
      ],
    },
  ],
})
