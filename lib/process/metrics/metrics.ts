import { Counter, collectDefaultMetrics, type Gauge, Registry } from 'prom-client'
import { ClearableGauge } from './clearable-gauge.ts'
import { CountingHistogram } from './counting-histogram.ts'
import type { Definition } from './definition.ts'
import { METRICS } from './metric-table.ts'

/** Not from scrape to scrape: two who scrape would each see a part. */
const UTILIZATION_INTERVAL_MS = 5_000

export type MetricName = keyof typeof METRICS
type NamesOf<Type extends Definition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never
}[MetricName]

type ValueOf<Bound> = Bound extends readonly string[] ? Bound[number] : string | number
/** The labels of a metric, with no other values than those that the table allows. */
export type LabelsOf<Name extends MetricName> = {
  [Label in keyof (typeof METRICS)[Name]['labels']]?: ValueOf<(typeof METRICS)[Name]['labels'][Label]>
}

export type CounterOf<Name extends MetricName> = Pick<Counter, 'get'> & {
  inc(value?: number): void
  inc(labels: LabelsOf<Name>, value?: number): void
  /** One series, for those who count often: its labels are looked up once. */
  labels(labels: LabelsOf<Name>): { inc(value?: number): void }
}
export type GaugeOf<Name extends MetricName> = Pick<ClearableGauge, 'get' | 'clear'> & {
  set(value: number): void
  set(labels: LabelsOf<Name>, value: number): void
}
export type HistogramOf<Name extends MetricName> = Pick<CountingHistogram, 'get'> & {
  observe(value: number): void
  observe(labels: LabelsOf<Name>, value: number): void
  /** One series, for those who measure often: its labels are looked up once. */
  labels(labels: LabelsOf<Name>): { observe(value: number): void }
}

/** The metrics of one process. A metric is registered when it is first asked for. */
export type Metrics = {
  counter<Name extends NamesOf<'counter'>>(name: Name): CounterOf<Name>
  gauge<Name extends NamesOf<'gauge'>>(name: Name): GaugeOf<Name>
  histogram<Name extends NamesOf<'histogram'>>(name: Name): HistogramOf<Name>
  /** Calls `measure` before each scrape, in order: what is only known by looking is looked at then, and no earlier. */
  onScrape(measure: () => void | Promise<void>): void
  /** All of them in Prometheus's text format. */
  render(): Promise<string>
}

export function createMetrics(service: string, version: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made = new Map<string, unknown>()
  const measures: (() => void | Promise<void>)[] = []

  /** `never` fits the type of every method: only the table knows which kind of metric a name has. */
  function once(name: MetricName, make: (definition: Definition) => unknown): never {
    if (!made.has(name)) made.set(name, make(METRICS[name]))
    return made.get(name) as never
  }
  const describe = (name: string, { help, labels }: Definition) => ({
    name,
    help,
    labelNames: Object.keys(labels),
  })
  const registers = [registry]

  const metrics: Metrics = {
    counter: (name) =>
      once(name, (definition) => {
        const counter = new Counter({ ...describe(name, definition), registers })
        for (const labels of knownSeries(definition)) counter.inc(labels, 0)
        return counter
      }),
    gauge: (name) =>
      once(name, (definition) => new ClearableGauge({ ...describe(name, definition), registers })),
    histogram: (name) =>
      once(name, (definition) => {
        const bounds = definition.buckets ?? []
        const histogram = new CountingHistogram({ ...describe(name, definition), bounds })
        registry.registerMetric(histogram.asMetric())
        return histogram
      }),
    onScrape(measure) {
      measures.push(measure)
    },
    async render() {
      for (const measure of measures) await measure()
      return registry.metrics()
    },
  }
  metrics.gauge('build_info').set({ service, version, node_version: process.version }, 1)
  trackEventLoop(metrics.gauge('nodejs_eventloop_utilization_ratio'))
  return metrics
}

/**
 * Every set of labels that a metric will have, where the table lists them: a series that only begins with the first
 * failure hides it, because there is nothing before from which it could have increased.
 */
function knownSeries({ labels, series }: Definition): Record<string, string>[] {
  const isListed = series === undefined && Object.values(labels).every((bound) => !('atMost' in bound))
  if (!isListed) return []
  return Object.entries(labels).reduce<Record<string, string>[]>(
    (known, [label, values]) =>
      known.flatMap((one) => (values as readonly string[]).map((value) => ({ ...one, [label]: value }))),
    [{}],
  )
}

function trackEventLoop(gauge: Pick<Gauge, 'set'>): void {
  let last = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    gauge.set(performance.eventLoopUtilization(now, last).utilization)
    last = now
  }, UTILIZATION_INTERVAL_MS)
  timer.unref()
}
