import { NoUnit, Percent } from '@grafana/grafana-foundation-sdk/units'
import type { CloudWatchTarget, Section } from './dashboard.ts'
import { ofRule } from './of-rule.ts'

const SERVICES = ['producer', 'consumer', 'api'] as const

const ofServices = (namespace: string, metric: string, statistic: CloudWatchTarget['statistic']) =>
  SERVICES.map(
    (service): CloudWatchTarget => ({
      legend: service,
      namespace,
      metric,
      dimensions: { ClusterName: '$environment', ServiceName: `$environment-${service}` },
      statistic,
      periodSeconds: 60,
    }),
  )

export const containersSection: Section<CloudWatchTarget> = {
  title: 'Containers',
  panels: [
    {
      look: 'lines',
      title: 'Processor',
      unit: Percent,
      shows: 'What each service takes of the processors that it has.',
      normal: 'below 60.',
      otherwise: 'near 100: more tasks, or larger ones. Consumers scale by themselves.',
      runbook: 'stalled',
      limits: { warning: 80 },
      width: 8,
      targets: ofServices('AWS/ECS', 'CPUUtilization', 'Average'),
    },
    {
      look: 'lines',
      title: 'Memory',
      unit: Percent,
      shows: 'What each service takes of the memory that it has, of the task that takes most.',
      normal: 'below 75, without a trend.',
      otherwise: 'a task that reaches 100 is killed.',
      runbook: 'down',
      limits: { warning: 85 },
      width: 8,
      targets: ofServices('AWS/ECS', 'MemoryUtilization', 'Maximum'),
    },
    {
      look: 'lines',
      title: 'Tasks that run',
      unit: NoUnit,
      shows: 'Tasks of each service that run. Where Container Insights are on (size production).',
      normal: 'as many as are desired.',
      otherwise: 'the events of the service say why no task is placed.',
      runbook: 'under-strength',
      width: 8,
      targets: ofServices('ECS/ContainerInsights', 'RunningTaskCount', 'Minimum'),
    },
    {
      look: 'bars',
      title: 'Deployments',
      unit: NoUnit,
      shows: 'Layers and services that began to change, and deployments that failed.',
      normal: 'when somebody deploys.',
      otherwise:
        'a change in any other panel that begins here was deployed. One that failed was rolled back.',
      runbook: 'failing',
      width: 8,
      targets: [ofRule('begun', 'deploy-begins'), ofRule('failed', 'deployment-fails')],
    },
    {
      look: 'lines',
      title: 'Passes of the watchdog',
      unit: NoUnit,
      shows: 'Looks at the whole fleet in a minute.',
      normal: 'about 60.',
      otherwise: 'none: nobody watches, and an alarm says so.',
      runbook: 'stalled',
      width: 8,
      targets: [
        {
          legend: 'passes',
          namespace: 'Roadpulse',
          metric: 'WatchdogPasses',
          dimensions: {},
          statistic: 'Sum',
          periodSeconds: 60,
        },
      ],
    },
    {
      look: 'lines',
      title: 'Answers of the load balancer with 5xx',
      unit: NoUnit,
      shows: 'Answers of the api with a code of 500 or more, by load balancer of this account.',
      normal: 'nothing.',
      otherwise: '503: Redis does not answer. Else the log of the api.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: "${PROP('Dim.LoadBalancer')}",
          namespace: 'AWS/ApplicationELB',
          metric: 'HTTPCode_Target_5XX_Count',
          dimensions: { LoadBalancer: '*' },
          statistic: 'Sum',
          periodSeconds: 60,
        },
      ],
    },
  ],
}
