import t from 'tap'
import { importPageModule } from '../../support/page-module.ts'

type Minute = { start: string; provisional: boolean; bySeverity: Record<string, number> }
type Slot = { start: number; minute: Minute | undefined }

const MINUTE = 60_000
const FROM = Date.UTC(2026, 10, 23, 12)
const { toSlots } = await importPageModule<{
  toSlots: (severity: { from: string; to: string; minutes: Minute[] }) => Slot[]
}>('minutes/minutes-chart.js')

const iso = (minutes: number) => new Date(FROM + minutes * MINUTE).toISOString()
const minuteAt = (minutes: number): Minute => ({
  start: iso(minutes),
  provisional: false,
  bySeverity: { 1: 0, 2: 1, 3: 0, 4: 0 },
})
const slotsOf = (...minutes: number[]) =>
  toSlots({ from: iso(0), to: iso(60), minutes: minutes.map(minuteAt) })

t.test('a minute without accidents has its place, so that a gap is seen as a gap', async (t) => {
  const slots = slotsOf(0, 3, 59)
  t.equal(slots.length, 60)
  t.same(
    slots.flatMap(({ minute }, i) => (minute === undefined ? [] : [i])),
    [0, 3, 59],
  )
})

t.test(
  'a feed that has just begun is shown over a quarter of an hour, not as an hour of nothing',
  async (t) => {
    t.equal(slotsOf(59).length, 15)
    t.equal(slotsOf(40, 59).length, 20)
    t.equal(slotsOf().length, 15)
  },
)
