import prices from '../../lib/aws/cloudwatch-prices.json' with { type: 'json' }
import { SEVERITY, STATE } from '../../lib/process/metrics/labels.ts'
import type { AccidentScope } from './accident-values.ts'
import { FAILING_SERVICES } from './fleet-values.ts'

const MINUTES_A_MONTH = 730 * 60
/** The watchdog tells of its passes every ten seconds. */
const PASSES_A_MINUTE = 6

export type CloudWatchSettings = {
  intervalSeconds: number
  accidents: AccidentScope
  /** First cities, and first counties, that are published. */
  topPlaces: number
}

export type MonthlyCost = { series: number; calls: number; usd: number }

/**
 * What our own metrics cost a month, in us-east-1, without alarms and questions. Of the places that change only those of
 * one moment are reckoned with: one that leaves the ranking is billed for the hours that it was in it.
 */
export function monthlyCost({ intervalSeconds, accidents, topPlaces }: CloudWatchSettings): MonthlyCost {
  const ofAccidents = { none: 0, severity: SEVERITY.length, state: SEVERITY.length + STATE.atMost }[accidents]
  // Passes, lag, unowned shards and dead letters.
  const series = 4 + FAILING_SERVICES.length + ofAccidents + 2 * topPlaces
  const calls = MINUTES_A_MONTH * (PASSES_A_MINUTE + 60 / intervalSeconds)
  const usd = series * prices.customMetricMonth + (calls / 1_000) * prices.thousandRequests
  return { series, calls, usd: Math.round(usd * 100) / 100 }
}
