import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import type { Alert, Recording, RuleGroup } from './rule.ts'
import { bucketOf, countOf, series } from './series.ts'

/** Within which an insight has to be readable. */
const FRESH_SECONDS = 2
/** With fewer rows that failed no budget of a month is at stake: in an idle night one slow row is all there is. */
const FEWEST_ROWS = THRESHOLDS.failedRecords

type Objective = {
  name: 'freshness' | 'delivery'
  /** Share of the rows of 30 days that may fail. */
  budget: number
  /** How many rows failed in the window that ends now, and of how many. */
  failed: (window: string) => string
  total: (window: string) => string
  section: string
  promise: string
}

export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'freshness',
    budget: 0.01,
    failed: (window) =>
      `sum(increase(${countOf('freshness_seconds', { feed_kind: 'live' })}[${window}])) - sum(increase(${bucketOf('freshness_seconds', { feed_kind: 'live' }, { le: FRESH_SECONDS })}[${window}]))`,
    total: (window) => `sum(increase(${countOf('freshness_seconds', { feed_kind: 'live' })}[${window}]))`,
    section: 'stalled',
    promise: '99% of the rows of live feeds can be read as an insight within 2 s of their put',
  },
  {
    // What a source holds that cannot be read is not ours to deliver: it is told as RowsRefused.
    name: 'delivery',
    budget: 0.0001,
    failed: (window) =>
      `(sum(increase(${series('dead_letters_total', { origin: 'handler' })}[${window}])) or vector(0)) + (sum(avg_over_time(${series('conservation_difference_rows')}[${window}])) or vector(0))`,
    total: (window) => `sum(increase(${series('producer_rows_total', { result: 'emitted' })}[${window}]))`,
    section: 'conservation-broken',
    promise: '99.99% of the rows emitted are handled, and counted the same everywhere',
  },
]

/**
 * Pairs of windows and how many times faster than evenly the budget is used up in both: the long one says that it
 * matters, the short one that it still goes on. From the SRE workbook, chapter "Alerting on SLOs".
 */
const FAST = [
  { long: '1h', short: '5m', rate: 14.4 },
  { long: '6h', short: '30m', rate: 6 },
] as const
const SLOW = [
  { long: '1d', short: '2h', rate: 3 },
  { long: '3d', short: '6h', rate: 1 },
] as const
type Pair = (typeof FAST | typeof SLOW)[number]

export const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const
export type Window = (typeof WINDOWS)[number]

export const failedRowsOf = (name: Objective['name'], window: Window) =>
  `roadpulse:${name}_failed_rows:increase${window}`
export const failedShareOf = (name: Objective['name'], window: Window) =>
  `roadpulse:${name}_failed_rows:ratio${window}`

export const burnRates: RuleGroup = {
  name: 'roadpulse-objectives',
  rules: [
    ...OBJECTIVES.flatMap((objective) => WINDOWS.flatMap((window) => recordingsOf(objective, window))),
    ...OBJECTIVES.flatMap(alertsOf),
  ],
}

function recordingsOf({ name, failed, total }: Objective, window: Window): Recording[] {
  return [
    { record: failedRowsOf(name, window), expr: failed(window) },
    // Without any row there is no share, rather than none that failed.
    { record: failedShareOf(name, window), expr: `${failedRowsOf(name, window)} / (${total(window)} > 0)` },
  ]
}

function alertsOf(objective: Objective): Alert[] {
  const { name, promise, section } = objective
  const title = name === 'freshness' ? 'Freshness' : 'Delivery'
  const common = { section, description: `Promised is, over 30 days: ${promise}.` }
  return [
    {
      ...common,
      alert: `${title}BurnsFast`,
      expr: FAST.map((pair) => isBurning(objective, pair)).join('\nor\n'),
      forMs: 60_000,
      severity: 'critical',
      summary: `{{ $value | humanizePercentage }} of the rows miss the promise of ${name}: a month's allowance is gone within days.`,
    },
    {
      ...common,
      alert: `${title}BurnsSlowly`,
      expr: SLOW.map((pair) => isBurning(objective, pair)).join('\nor\n'),
      forMs: 900_000,
      severity: 'warning',
      summary: `{{ $value | humanizePercentage }} of the rows miss the promise of ${name}: a month's allowance is gone before the month is.`,
    },
  ]
}

function isBurning({ name, budget }: Objective, { long, short, rate }: Pair): string {
  const limit = Number((rate * budget).toPrecision(6))
  return `(${failedShareOf(name, long)} > ${limit} and ${failedShareOf(name, short)} > ${limit} and ${failedRowsOf(name, long)} >= ${FEWEST_ROWS} and on () ${knowsBackTo(long)})`
}

/** A Prometheus that has just begun would take the first minutes of a fleet for days of it. */
function knowsBackTo(window: string): string {
  return `count(up{job="roadpulse"} offset ${window})`
}
