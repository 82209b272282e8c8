import type { CloudWatchTarget } from './dashboard.ts'

/** How often something happened that EventBridge was told of. */
export const ofRule = (legend: string, rule: string): CloudWatchTarget => ({
  legend,
  namespace: 'AWS/Events',
  metric: 'TriggeredRules',
  dimensions: { RuleName: `$environment-${rule}` },
  statistic: 'Sum',
  periodSeconds: 300,
})
