import { Dollars, NoUnit, Percent } from '@grafana/grafana-foundation-sdk/units'
import type { CloudWatchTarget, Section } from './dashboard.ts'

const ofRedis = (metric: string): CloudWatchTarget => ({
  legend: 'Redis',
  namespace: 'AWS/ElastiCache',
  metric,
  dimensions: { CacheClusterId: '$environment-001' },
  statistic: 'Maximum',
  periodSeconds: 60,
})

export const redisAndCostSection: Section<CloudWatchTarget> = {
  title: 'Redis, messages and cost',
  panels: [
    {
      look: 'lines',
      title: 'Memory of Redis',
      unit: Percent,
      shows: 'Share of its memory that Redis uses.',
      normal: 'below 75.',
      otherwise: 'at 100 it refuses every write: a larger node.',
      runbook: 'dependency',
      limits: { warning: 75, critical: 90 },
      width: 8,
      targets: [ofRedis('DatabaseMemoryUsagePercentage')],
    },
    {
      look: 'lines',
      title: 'Processor of Redis',
      unit: Percent,
      shows: 'Time that the engine of Redis takes of the one processor that it can use.',
      normal: 'below 60.',
      otherwise: 'a larger node does not help much; fewer or smaller commands do.',
      runbook: 'dependency',
      limits: { warning: 80 },
      width: 8,
      targets: [ofRedis('EngineCPUUtilization')],
    },
    {
      look: 'bars',
      title: 'Messages that SNS could not deliver',
      unit: NoUnit,
      shows: 'Alerts that SNS took and could not hand to a subscriber.',
      normal: 'nothing.',
      otherwise: 'a subscription that is wrong: nobody there hears of incidents.',
      runbook: 'dependency',
      limits: { critical: 1 },
      width: 8,
      targets: [
        {
          legend: 'alerts',
          namespace: 'AWS/SNS',
          metric: 'NumberOfNotificationsFailed',
          dimensions: { TopicName: '$environment-alerts' },
          statistic: 'Sum',
          periodSeconds: 300,
        },
      ],
    },
    {
      look: 'lines',
      title: 'Cost of this month',
      unit: Dollars,
      shows:
        'What AWS estimates that the account has cost since the first of the month. Where billing alerts are turned on.',
      normal: 'rises steadily; docs/aws.md says what each size costs.',
      otherwise: 'steeper than before: see Cost Explorer for the service.',
      width: 24,
      targets: [
        {
          legend: 'this month',
          namespace: 'AWS/Billing',
          metric: 'EstimatedCharges',
          dimensions: { Currency: 'USD' },
          statistic: 'Maximum',
          periodSeconds: 21_600,
          region: 'us-east-1',
        },
      ],
    },
  ],
}
