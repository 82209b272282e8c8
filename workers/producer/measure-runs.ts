import type { FEED_KIND } from '../../lib/process/metrics/labels.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import type { RunningRange } from './run-range.ts'

type Kind = (typeof FEED_KIND)[number]

/** Ranges that are executed at most, by kind of feed. */
export type Slots = Readonly<Record<Kind, number>>

/** Shows at each scrape what the runs in the set that comes back have under way, together. */
export function measureRuns(options: {
  metrics: Metrics
  slots: Slots
  maxInFlightBytes: number
}): Set<{ kind: Kind; run: RunningRange }> {
  const { metrics, slots, maxInFlightBytes } = options
  const bytes = metrics.gauge('producer_buffered_bytes')
  const records = metrics.gauge('producer_buffered_records')
  const limit = metrics.gauge('producer_buffer_limit_bytes')
  const running = metrics.gauge('producer_ranges_running')
  const lag = metrics.gauge('producer_pace_lag_seconds')
  const runs = new Set<{ kind: Kind; run: RunningRange }>()

  metrics.onScrape(() => {
    bytes.set(sum([...runs].map(({ run }) => run.inFlightBytes())))
    records.set(sum([...runs].map(({ run }) => run.inFlightRecords())))
    limit.set(runs.size * maxInFlightBytes)
    for (const feed_kind of Object.keys(slots) as Kind[]) {
      const ofKind = [...runs].filter(({ kind }) => kind === feed_kind)
      running.set({ feed_kind }, ofKind.length)
      lag.set({ feed_kind }, Math.max(0, ...ofKind.map(({ run }) => run.lagMs())) / 1_000)
      metrics.gauge('producer_range_slots').set({ feed_kind }, slots[feed_kind])
    }
  })
  return runs
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
