import t from 'tap'
import { estimateReplay } from '../../../api/replays/replay-estimate.ts'
import type { ReplayRequest } from '../../../api/replays/replay-request.ts'
import type { SourceMeasure } from '../../../lib/sources/measure-source.ts'

const CSV: ReplayRequest['source'] = { kind: 'csv', uri: 's3://b/a.csv' }
const RAW: ReplayRequest['source'] = { kind: 'raw-layer', from: '2026-11-23T10', to: '2026-11-23T11' }
const COUNTED: SourceMeasure = { bytes: 1_000_000, rows: 3_000, isCounted: true }
const DAY_MS = 86_400_000
const SPAN = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2020, 0, 11) }

t.test('the duration at a rate is not that of the rows, or is said to be exact', async (t) => {
  const pace = { kind: 'rate', rowsPerSecond: 200 } as const
  t.match(estimateReplay({ source: CSV, pace }, COUNTED), {
    rows: 3_000,
    durationMs: 15_000,
    isAtMost: false,
    basis: '3,000 rows, at 200 rows a second',
  })
  t.match(estimateReplay({ source: CSV, pace }, { ...COUNTED, isCounted: false }), {
    basis: /^about 3,000 rows, by its size/,
  })
  const filtered = estimateReplay({ source: CSV, pace, filter: { states: ['TX'] } }, COUNTED)
  t.match(
    filtered,
    { durationMs: 15_000, isAtMost: true, basis: /^at most 3,000/ },
    'a filter leaves some out',
  )
  t.match(estimateReplay({ source: RAW, pace }, COUNTED), { isAtMost: true }, 'so do replays and repeats')
})

t.test('at the pace max the share of all replays is forgotten', async (t) => {
  const estimate = estimateReplay({ source: CSV, pace: { kind: 'max' } }, COUNTED)
  t.match(estimate, { durationMs: 10_000, isAtMost: true, basis: /300 rows a second .* one shard/ })
})

t.test('by speed the duration is that of other days than are sent', async (t) => {
  const pace = { kind: 'speed', factor: 10 } as const
  t.match(estimateReplay({ source: CSV, pace }, COUNTED), { durationMs: null, basis: /has been sorted/ })
  const sorted = { ...COUNTED, span: SPAN }
  t.match(estimateReplay({ source: CSV, pace }, sorted), {
    durationMs: DAY_MS,
    basis: '2020-01-01T00:00Z to 2020-01-11T00:00Z, 10 times as fast',
  })
  const filter = { from: '2020-01-06T00:00:00Z', to: '2030-01-01T00:00:00Z' }
  t.equal(estimateReplay({ source: CSV, pace, filter }, sorted).durationMs, DAY_MS / 2)
  const narrow = { from: '2020-01-06T00:00:00Z', to: '2020-01-07T00:00:00Z' }
  t.match(estimateReplay({ source: CSV, pace, filter: narrow }, COUNTED), {
    durationMs: DAY_MS / 10,
    isAtMost: true,
    basis: /after it has been sorted$/,
  })
  const elsewhere = { from: '2021-01-01T00:00:00Z' }
  t.equal(estimateReplay({ source: CSV, pace, filter: elsewhere }, sorted).durationMs, 0)
})
