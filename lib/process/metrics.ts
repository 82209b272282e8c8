import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
/** Finer around the 2 s that a row may take to its insight. */
const FRESHNESS_SECONDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 5, 10, 30, 60]

type Definition = {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
  buckets?: number[]
}

/** Every metric of every process, by name: the one place for their names, labels and meaning. */
export const METRICS = {
  build_info: { type: 'gauge', help: '1; what runs', labels: ['service', 'version', 'node_version'] },
  nodejs_eventloop_utilization_ratio: {
    type: 'gauge',
    help: 'share of time the event loop was busy',
    labels: [],
  },
  producer_rows_total: {
    type: 'counter',
    help: 'rows of the source, by what became of them',
    labels: ['result'],
  },
  producer_put_duration_seconds: {
    type: 'histogram',
    help: 'time of one PutRecords call',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  producer_put_records_total: { type: 'counter', help: 'records put, by result', labels: ['result'] },
  producer_buffered_bytes: {
    type: 'gauge',
    help: 'bytes read and not yet acknowledged by Kinesis',
    labels: [],
  },
  consumer_records_total: {
    type: 'counter',
    help: 'records handled, by type of event and result',
    labels: ['type', 'result'],
  },
  consumer_batch_duration_seconds: {
    type: 'histogram',
    help: 'time of one batch in the handlers',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  consumer_lag_seconds: {
    type: 'gauge',
    help: 'how far a shard is behind: the age of its oldest record that is read and not yet handled',
    labels: ['shard'],
  },
  consumer_shards_owned: { type: 'gauge', help: 'leases this worker holds', labels: [] },
  consumer_shards_stuck: {
    type: 'gauge',
    help: 'shards whose handler has not returned for a minute, or for as long as is configured',
    labels: [],
  },
  consumer_lease_changes_total: {
    type: 'counter',
    help: 'leases acquired, released and lost',
    labels: ['change'],
  },
  consumer_checkpoints_total: { type: 'counter', help: 'checkpoints written, by result', labels: ['result'] },
  consumer_expired_checkpoints_total: {
    type: 'counter',
    help: 'checkpoints older than the stream: reading went on from the oldest record, records may be lost',
    labels: [],
  },
  consumer_fan_out_changes_total: {
    type: 'counter',
    help: 'changes of a shard from enhanced fan-out to polling and back',
    labels: ['to'],
  },
  consumer_lease_repairs_total: {
    type: 'counter',
    help: 'leases that the store had lost and that were made again, at the oldest checkpoint known',
    labels: [],
  },
  freshness_seconds: {
    type: 'histogram',
    help: 'from the put of a row to the moment its insight can be read',
    labels: [],
    buckets: FRESHNESS_SECONDS,
  },
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'time from a request to the end of its answer',
    labels: ['method', 'route', 'status_code'],
    buckets: LATENCY_SECONDS,
  },
  event_stream_clients: { type: 'gauge', help: 'open connections to /events', labels: [] },
  snapshot_duration_seconds: {
    type: 'histogram',
    help: 'time to read everything that the page shows',
    labels: [],
    buckets: LATENCY_SECONDS,
  },
  dead_letters_total: { type: 'counter', help: 'records put aside, by origin', labels: ['origin'] },
} as const satisfies Record<string, Definition>

export type MetricName = keyof typeof METRICS
type NamesOf<Type extends Definition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never
}[MetricName]

/** The metrics of one process. A metric is registered when it is first asked for. */
export type Metrics = {
  counter(name: NamesOf<'counter'>): Counter
  gauge(name: NamesOf<'gauge'>): Gauge
  histogram(name: NamesOf<'histogram'>): Histogram
  /** All of them in Prometheus's text format. */
  render(): Promise<string>
}

export function createMetrics(service: string, version: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made = new Map<string, Counter | Gauge | Histogram>()
  function metric<T extends Counter | Gauge | Histogram>(
    name: MetricName,
    make: (definition: Definition) => T,
  ): T {
    const existing = made.get(name)
    if (existing !== undefined) return existing as T
    const metric = make(METRICS[name])
    made.set(name, metric)
    return metric
  }
  const base = (name: string, definition: Definition) => ({
    name,
    help: definition.help,
    labelNames: [...definition.labels],
    registers: [registry],
  })
  const metrics: Metrics = {
    counter: (name) => metric(name, (definition) => new Counter(base(name, definition))),
    gauge: (name) => metric(name, (definition) => new Gauge(base(name, definition))),
    histogram: (name) =>
      metric(
        name,
        (definition) =>
          new Histogram({ ...base(name, definition), buckets: definition.buckets ?? LATENCY_SECONDS }),
      ),
    render: () => registry.metrics(),
  }
  metrics.gauge('build_info').set({ service, version, node_version: process.version }, 1)
  trackEventLoop(metrics.gauge('nodejs_eventloop_utilization_ratio'))
  return metrics
}

function trackEventLoop(gauge: Gauge): void {
  let last = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    gauge.set(performance.eventLoopUtilization(now, last).utilization)
    last = now
  }, 5_000)
  timer.unref()
}
