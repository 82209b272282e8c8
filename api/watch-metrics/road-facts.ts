import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { SEVERITY } from '../../lib/process/metrics/labels.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import type { Facts } from './facts.ts'

const MINUTE_MS = 60_000
/** Degrees to so many decimals are a place to 10 m, and the same text for the same cell. */
const PLACE_DECIMALS = 4

/** What happens on the roads, as the newest live feed tells it. */
export function roadFacts(metrics: Metrics, insights: Pick<InsightReader, 'readSeverityMinutes'>): Facts {
  const accidents = metrics.gauge('roads_accidents')
  const minuteStart = metrics.gauge('roads_minute_timestamp_seconds')
  const surges = metrics.gauge('roads_surges_open')
  const hotspots = metrics.gauge('roads_hotspot_weight')
  const cities = metrics.gauge('roads_city_accidents')

  return {
    clear() {
      for (const gauge of [accidents, minuteStart, surges, hotspots, cities]) gauge.clear()
    },

    async measure({ live }) {
      if (live === undefined) return () => {}
      const { feed, watermark } = live.severity
      const last = watermark === null ? undefined : lastClosedMinute(Date.parse(watermark))
      const [minute] =
        last === undefined ? [] : await insights.readSeverityMinutes(feed, last, last + MINUTE_MS)
      return () => {
        if (last !== undefined) minuteStart.set(last / 1_000)
        for (const { state, severity, count } of minute?.cells ?? []) {
          const known = SEVERITY[severity - 1]
          if (known !== undefined) accidents.set({ state, severity: known }, count)
        }
        for (const area_kind of ['state', 'cell'] as const) {
          surges.set({ area_kind }, live.surges.open.filter((surge) => surge.areaKind === area_kind).length)
        }
        for (const { rank, lat, lng, weight } of live.hotspots.items) {
          hotspots.set({ rank, lat: lat.toFixed(PLACE_DECIMALS), lon: lng.toFixed(PLACE_DECIMALS) }, weight)
        }
        for (const { rank, name, state, count } of live.cities.cities) {
          cities.set({ rank, city: name, state }, count)
        }
      }
    },
  }
}

/** Start of the last minute of which Flink has counted every event. */
function lastClosedMinute(watermark: number): number {
  return Math.floor(watermark / MINUTE_MS) * MINUTE_MS - MINUTE_MS
}
