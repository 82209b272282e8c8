import { readFileSync } from 'node:fs'
import type { Value } from '../templates/template.ts'
import { at, listOf, type Rule, textOf } from './rule.ts'

/**
 * Namespace, metric, and the sets of dimensions under which it exists: what AWS documents for the services and versions
 * that we use (Flink 2.2 has other names than Flink 1), and under `Roadpulse` what our own code publishes.
 */
export const KNOWN_METRICS = JSON.parse(
  readFileSync(new URL('./metrics.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, string[][]>>

export type Metric = { namespace: string; name: string; dimensions: string[] }

export const metricRules: readonly Rule[] = [
  {
    name: 'alarm-looks-at-a-metric',
    types: ['AWS::CloudWatch::Alarm'],
    find: ({ properties }) => metricsOfAlarm(properties).flatMap(findUnknown),
  },
  {
    name: 'dashboard-shows-a-metric',
    types: ['AWS::CloudWatch::Dashboard'],
    find: ({ properties }) => metricsOfDashboard(textOf(properties.DashboardBody)).flatMap(findUnknown),
  },
]

export function metricsOfAlarm(properties: Record<string, Value>): Metric[] {
  const parts = listOf(properties.Metrics).flatMap((part) => listOf(at(part, 'MetricStat', 'Metric')))
  return (properties.MetricName === undefined ? parts : [properties as Value]).map((metric) => ({
    namespace: textOf(at(metric, 'Namespace')),
    name: textOf(at(metric, 'MetricName')),
    dimensions: listOf(at(metric, 'Dimensions')).map((dimension) => textOf(at(dimension, 'Name'))),
  }))
}

/** `["AWS/Kinesis", "IncomingRecords", "StreamName", "raw", {...}]` each; a body that is not JSON has none. */
function metricsOfDashboard(body: string): Metric[] {
  let widgets: Value[]
  try {
    widgets = listOf(at(JSON.parse(body) as Value, 'widgets'))
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
  return widgets
    .flatMap((widget) => listOf(at(widget, 'properties', 'metrics')))
    .map((metric) => {
      const [namespace, name, ...pairs] = listOf(metric).filter((part) => typeof part === 'string')
      return {
        namespace: textOf(namespace),
        name: textOf(name),
        dimensions: pairs.filter((_, index) => index % 2 === 0).map((part) => textOf(part)),
      }
    })
}

/** What is wrong with a metric that somebody asks for; nothing when it exists. */
export function findUnknown({ namespace, name, dimensions }: Metric): string[] {
  const sets = KNOWN_METRICS[namespace]?.[name]
  if (sets === undefined) return [`there is no metric ${namespace} ${name}`]
  const wanted = dimensions.toSorted().join(', ')
  if (sets.some((set) => set.toSorted().join(', ') === wanted)) return []
  return [`${namespace} ${name} does not exist by (${wanted})`]
}
