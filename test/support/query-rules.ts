import { FLINK_METRICS } from '../../grafana-dashboards/src/flink-metrics.ts'
import { NODE_METRICS } from '../../grafana-dashboards/src/node-metrics.ts'
import type { Definition } from '../../lib/process/metrics/definition.ts'
import { METRICS } from '../../lib/process/metrics/metric-table.ts'

const TABLE: Readonly<Record<string, Definition>> = { ...METRICS, ...NODE_METRICS, ...FLINK_METRICS }
const SELECTOR = /([a-zA-Z_]\w*)\{([^}]*)\}(\[[^\]]*\])?/g
const MATCHER = /(\w+)\s*(?:=~|!=|!~|=)\s*"([^"]*)"/g
const OF_COUNTERS = /(?:rate|irate|increase)\($/
const OF_GAUGES = /(?:deriv|delta|changes|max_over_time)\($/

/** What is wrong with a query whatever the data: of the text alone, so that a query written by hand is judged as well. */
export function findQueryFaults(query: string): string[] {
  const faults: string[] = []
  for (const { 0: selector, 1: name = '', 2: matchers = '', 3: range, index } of query.matchAll(SELECTOR)) {
    const before = query.slice(0, index)
    const definition = TABLE[name.replace(/_(bucket|sum|count)$/, '')] ?? TABLE[name]
    if (definition === undefined) {
      faults.push(`there is no metric ${name}`)
      continue
    }
    const labels = new Set([...Object.keys(definition.labels), 'environment', 'instance', 'le'])
    for (const [, label = ''] of matchers.matchAll(MATCHER))
      if (!labels.has(label)) faults.push(`${name} has no label ${label}`)
    if (!matchers.includes('environment=~"$environment"'))
      faults.push(`${selector} is not of one environment`)
    if (range !== undefined && range !== '[$__rate_interval]') faults.push(`${range} is not $__rate_interval`)
    const isGauge = definition.type === 'gauge'
    if (isGauge && OF_COUNTERS.test(before)) faults.push(`${name} is a gauge, and has no rate`)
    if (isGauge && range !== undefined && !OF_GAUGES.test(before))
      faults.push(`${name}${range} is no value of a gauge`)
    if (!isGauge && !OF_COUNTERS.test(before)) faults.push(`${name} only ever rises, and wants a rate`)
    if (isGauge && definition.unit === 'seconds' && /sum(?: by \([^)]*\) )?\($/.test(before))
      faults.push(`${name} is an age, and ages have no sum`)
    if (definition.type === 'histogram' && name.endsWith('_bucket') && !/by \((?:[^)]*, )?le\b/.test(before))
      faults.push(`${name} is summed without le`)
  }
  return faults
}
