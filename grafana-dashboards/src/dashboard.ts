import type { Expectation } from './expectation.ts'
import type { Query } from './query.ts'

export type Dashboard<Target = PrometheusTarget> = {
  /** Of its file and of its address in Grafana. */
  name: string
  title: string
  /** For whom it is, and what it answers. */
  description: string
  variables: readonly VariableName[]
  sections: readonly Section<Target>[]
  /** Of all sections. */
  panels: readonly Panel<Target>[]
}

/** A row of Grafana. */
export type Section<Target> = { title: string; panels: readonly Panel<Target>[] }

/** Of the runbook; each is a kind of incident. */
export type RunbookSection =
  | 'down'
  | 'unresponsive'
  | 'failing'
  | 'under-strength'
  | 'shard-unowned'
  | 'stalled'
  | 'conservation-broken'
  | 'dependency'

export type Panel<Target = PrometheusTarget> = {
  /** `owners` is a line of time for each series; `map` wants labels `lat` and `lon`. */
  look: 'stat' | 'lines' | 'bars' | 'ranking' | 'owners' | 'map'
  title: string
  /** One of Grafana's. */
  unit: string
  shows: string
  /** What one sees when all is well. */
  normal: string
  /** What to do when one sees something else. */
  otherwise: string
  runbook?: RunbookSection
  /** From here on it is coloured. */
  limits?: { warning?: number; critical?: number }
  max?: number
  /** Of the 24 columns. */
  width: number
  targets: readonly Target[]
}

export type PrometheusTarget = {
  /** With the labels of a series in double braces. */
  legend: string
  query: Query
  expects: Expectation
}

/** A metric of CloudWatch; its dimensions may hold variables of the dashboard, and `*` for each value that there is. */
export type CloudWatchTarget = {
  legend: string
  namespace: string
  metric: string
  dimensions: Readonly<Record<string, string>>
  statistic: 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'p99'
  periodSeconds: number
  /** Only so many of the values that `*` stands for, the largest first. */
  largest?: number
  /** Where it is not the region that was chosen. */
  region?: string
}

/** The data source is a variable of every dashboard. */
export type VariableName = 'environment' | 'feed_kind' | 'stream' | 'shard' | 'region'

export function defineDashboard<Target>(dashboard: Omit<Dashboard<Target>, 'panels'>): Dashboard<Target> {
  return { ...dashboard, panels: dashboard.sections.flatMap(({ panels }) => panels) }
}
