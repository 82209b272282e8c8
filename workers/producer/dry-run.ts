import type { RawEvent } from '../../lib/events/raw-event.ts'
import type { Feed, Pace } from '../../lib/feeds/feed.ts'
import { compileFilter, type Filter } from '../../lib/feeds/filter.ts'
import { utcStart } from '../../lib/rules/utc-start.ts'
import type { OpenCsv } from '../../lib/sources/csv-source.ts'
import { encodeRow } from './encode-row.ts'

/** What a shard takes in a second. */
const RECORDS_PER_SHARD = 1_000
const REASONS_SHOWN = 10
const STATES_SHOWN = 60

/** What sending a CSV would do. */
export type DryRun = {
  read: number
  emitted: number
  filtered: number
  refused: number
  /** By reason, with numbers left out: how many, and the line of the first one. */
  reasons: { reason: string; count: number; line: number }[]
  /** Starts of the first and last accident that would be sent, epoch ms; and how many have no start that can be read. */
  first?: number
  last?: number
  timeless: number
  states: { state: string; count: number }[]
  ignored: string[]
}

/** Reads a CSV as a feed would, and sends nothing. `onProgress` is called now and then with the rows read. */
export async function dryRun(
  csv: OpenCsv,
  options: { filter?: Filter; onProgress?: (rows: number) => void },
): Promise<DryRun> {
  const result = { read: 0, emitted: 0, filtered: 0, refused: 0, timeless: 0 }
  const reasons = new Map<string, { reason: string; count: number; line: number }>()
  const states = new Map<string, number>()
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  const filter = options.filter === undefined ? () => true : compileFilter(options.filter)

  function look(event: RawEvent): boolean {
    if (!filter(event)) return false
    const state = typeof event['state'] === 'string' ? event['state'] : 'none'
    states.set(state, (states.get(state) ?? 0) + 1)
    const start = utcStart(event)
    if (start === undefined) result.timeless++
    else {
      first = Math.min(first, start)
      last = Math.max(last, start)
    }
    return true
  }

  const encoding = { feed: FEED, columns: csv.columns, fits: look }
  const now = Date.now()
  for await (const rows of csv.blocks) {
    for (const row of rows) {
      const encoded = encodeRow(row, encoding, { seq: ++result.read, now })
      if ('filtered' in encoded) result.filtered++
      else if ('record' in encoded) result.emitted++
      else {
        result.refused++
        const reason = encoded.letter.reason.replaceAll(/\d[\d,]*/g, 'N')
        const counted = reasons.get(reason) ?? { reason, count: 0, line: row.line }
        counted.count++
        reasons.set(reason, counted)
      }
    }
    options.onProgress?.(result.read)
  }
  return {
    ...result,
    ...(first <= last ? { first, last } : {}),
    reasons: [...reasons.values()].toSorted((a, b) => b.count - a.count),
    states: [...states].map(([state, count]) => ({ state, count })).toSorted((a, b) => b.count - a.count),
    ignored: csv.ignored,
  }
}

/** Nobody ever sees it. */
const FEED: Feed = {
  name: 'replay-dry-run',
  kind: 'replay',
  state: 'running',
  createdAt: 0,
  source: { kind: 'csv', bucket: 'none', key: 'none', etag: 'none', bytes: 0 },
  pace: { kind: 'max' },
  repeat: false,
}

/** The report for people. */
export function renderDryRun(run: DryRun, pace: Pace): string {
  const count = (value: number) => value.toLocaleString('en-US')
  const lines = [
    ['rows', count(run.read)],
    ['  would be sent', count(run.emitted)],
    ['  left out by the filter', count(run.filtered)],
    ['  refused', count(run.refused)],
    ...run.reasons
      .slice(0, REASONS_SHOWN)
      .map(({ reason, count: times, line }) => ['', `${count(times)} x ${reason}, first on line ${line}`]),
    ['starts, UTC', span(run)],
    ['  without one', count(run.timeless)],
    [
      'states',
      run.states
        .slice(0, STATES_SHOWN)
        .map(({ state, count: times }) => `${state} ${count(times)}`)
        .join(', ') || 'none',
    ],
    ['columns ignored', run.ignored.join(', ') || 'none'],
    ['it would take', duration(run, pace)],
  ]
  return lines.map(([name = '', text]) => `${name.padEnd(26)}${text}`).join('\n')
}

function span({ first, last }: DryRun): string {
  if (first === undefined || last === undefined) return 'none can be read'
  return `${new Date(first).toISOString()} to ${new Date(last).toISOString()}`
}

function duration({ emitted, first = 0, last = 0 }: DryRun, pace: Pace): string {
  if (pace.kind === 'rate') {
    return `${humanSeconds(emitted / pace.rowsPerSecond)} at ${pace.rowsPerSecond} rows a second`
  }
  if (pace.kind === 'speed') {
    return `${humanSeconds((last - first) / 1_000 / pace.factor)} at ${pace.factor} times the speed of the accidents`
  }
  return `at least ${humanSeconds(emitted / RECORDS_PER_SHARD)} divided by the number of shards, by what Kinesis takes`
}

function humanSeconds(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`
}
