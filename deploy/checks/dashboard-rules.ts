import type { Value } from '../templates/template.ts'
import { at, listOf, type Rule, textOf } from './rule.ts'

export const dashboardRules: readonly Rule[] = [
  {
    name: 'dashboard-is-json',
    types: ['AWS::CloudWatch::Dashboard'],
    find({ properties }) {
      let body: Value
      try {
        body = JSON.parse(textOf(properties.DashboardBody)) as Value
      } catch (error) {
        return [`its body is not JSON: ${(error as Error).message}`]
      }
      return listOf(at(body, 'widgets')).flatMap((widget, index) => {
        const metrics = listOf(at(widget, 'properties', 'metrics'))
        if (at(widget, 'type') === 'metric' && metrics.length === 0)
          return [`widget ${index} shows no metric`]
        return metrics
          .filter((metric) => !isMetric(metric))
          .map((metric) => `widget ${index}: not a metric: ${JSON.stringify(metric)}`)
      })
    },
  },
]

/** Namespace, name, and dimensions in pairs, perhaps with how it is drawn. */
function isMetric(metric: Value): boolean {
  if (!Array.isArray(metric)) return false
  const texts = typeof metric.at(-1) === 'object' ? metric.slice(0, -1) : metric
  return texts.length >= 2 && texts.length % 2 === 0 && texts.every((text) => typeof text === 'string')
}
