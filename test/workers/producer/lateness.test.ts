import t from 'tap'
import { latenessMs } from '../../../workers/producer/lateness.ts'

const LATENESS = { share: 0.1, maxSeconds: 100, seed: 5 }
const SEQS = Array.from({ length: 50_000 }, (_, i) => i + 1)

t.test('the wanted share of the events is late, by anything up to the limit', async (t) => {
  const late = SEQS.map((seq) => latenessMs(LATENESS, seq)).filter((ms) => ms > 0)
  t.ok(Math.abs(late.length / SEQS.length - LATENESS.share) < 0.005, `${late.length}`)
  t.ok(Math.min(...late) >= 0 && Math.max(...late) <= 100_000)
  t.ok(Math.abs(late.reduce((sum, ms) => sum + ms, 0) / late.length - 50_000) < 2_000, 'evenly')
})

t.test('a row that is sent again is as late as it was', async (t) => {
  t.same(
    SEQS.map((seq) => latenessMs(LATENESS, seq)),
    SEQS.map((seq) => latenessMs({ ...LATENESS }, seq)),
  )
})

t.test('another seed makes other rows late', async (t) => {
  const lateRows = (seed: number) => SEQS.filter((seq) => latenessMs({ ...LATENESS, seed }, seq) > 0)
  const first = new Set(lateRows(1))
  const shared = lateRows(2).filter((seq) => first.has(seq)).length
  t.ok(shared < first.size * 0.2, `${shared} of ${first.size} in common`)
})
