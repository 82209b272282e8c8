import type { Metric } from 'prom-client'

type Labels = Readonly<Record<string, string | number | undefined>>

/**
 * A histogram that a registry of prom-client takes, for values that are observed for each record: theirs looks its
 * series up by the labels at each observation, which costs six times as much.
 */
export class CountingHistogram {
  readonly type = 'histogram'
  readonly name: string
  readonly help: string
  readonly #labelNames: readonly string[]
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  constructor(options: {
    name: string
    help: string
    labelNames: readonly string[]
    bounds: readonly number[]
  }) {
    this.name = options.name
    this.help = options.help
    this.#labelNames = options.labelNames
    this.#bounds = options.bounds
    if (options.labelNames.length === 0) this.labels({})
  }

  /** One series, to be kept by whoever observes often. */
  labels(labels: Labels): Series {
    const key = this.#labelNames.map((name) => labels[name]).join('\u0000')
    let series = this.#series.get(key)
    if (series === undefined) this.#series.set(key, (series = new Series(labels, this.#bounds)))
    return series
  }

  observe(value: number): void
  observe(labels: Labels, value: number): void
  observe(labelsOrValue: Labels | number, value?: number): void {
    if (typeof labelsOrValue === 'number') this.labels({}).observe(labelsOrValue)
    else this.labels(labelsOrValue).observe(value ?? Number.NaN)
  }

  async get() {
    const values = [...this.#series.values()].flatMap((series) => series.export(this.name, this.#bounds))
    return { name: this.name, help: this.help, type: this.type, values }
  }

  /** What the types of prom-client do not say: a registry asks for nothing but this. */
  asMetric(): Metric {
    return this as unknown as Metric
  }
}

class Series {
  readonly #labels: Labels
  readonly #bounds: readonly number[]
  /** Of each bucket by itself; the last one is beyond all bounds. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    ;(this.#counts[bucket] as number)++
    this.#sum += value
  }

  /** As Prometheus has it: counts up to and including each bound. */
  export(name: string, bounds: readonly number[]) {
    let count = 0
    const buckets = [...this.#counts].map((inBucket, i) => {
      count += inBucket
      return {
        metricName: `${name}_bucket`,
        labels: { le: bounds[i] ?? '+Inf', ...this.#labels },
        value: count,
      }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count },
    ]
  }
}
