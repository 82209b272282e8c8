import t from 'tap'
import type { FeedReading } from '../../../api/pipeline/conservation.ts'
import { CountsHistory } from '../../../api/pipeline/counts-history.ts'

function reading(at: number, rows: number): FeedReading {
  return {
    at,
    watermark: undefined,
    producer: { read: rows, refused: 0, filtered: 0, emitted: rows, recovered: 0 },
    flink: {
      in: rows,
      resent: 0,
      rejected: 0,
      valid: rows,
      repeated: 0,
      unique: rows,
      onTime: rows,
      late: 0,
    },
    received: { accident: rows / 2, accidentLate: 0, rejected: 0, windowed: 0 },
  }
}

t.test('a reading is found by the newest time at or before the one asked for', async (t) => {
  const history = new CountsHistory()
  for (const at of [1_000, 2_000, 3_000]) history.add('live-1', reading(at, at))
  t.equal(history.asOf('live-1', 2_999)?.at, 2_000)
  t.equal(history.asOf('live-1', 3_000)?.at, 3_000)
  t.equal(history.asOf('live-1', 999), undefined)
  t.equal(history.asOf('live-2', 3_000), undefined)
})

t.test('counts that fall start a new history, so that a rebuild is not taken for loss', async (t) => {
  const history = new CountsHistory()
  history.add('live-1', reading(1_000, 500))
  history.add('live-1', reading(2_000, 20))
  t.equal(history.asOf('live-1', 1_500), undefined)
  t.equal(history.asOf('live-1', 2_500)?.at, 2_000)
})

t.test('rates are those of the last ten seconds, not since the beginning', async (t) => {
  const history = new CountsHistory()
  t.same(history.rates('live-1'), { emittedPerSecond: 0, receivedPerSecond: 0 })
  history.add('live-1', reading(0, 0))
  for (let second = 60; second <= 70; second++) history.add('live-1', reading(second * 1_000, second * 50))
  t.same(history.rates('live-1'), { emittedPerSecond: 50, receivedPerSecond: 25 })
})

t.test('a history does not grow without end', async (t) => {
  const history = new CountsHistory()
  for (let second = 0; second < 1_000; second++) history.add('live-1', reading(second * 1_000, second))
  t.equal(history.asOf('live-1', 600_000), undefined)
  history.retain(new Set())
  t.equal(history.asOf('live-1', 999_000), undefined)
})
