import t from 'tap'
import { startSnapshotLoop } from '../../../api/live/snapshot-loop.ts'
import { createLog } from '../../../lib/process/log.ts'
import { fakeSnapshot } from '../../support/fake-app.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const log = createLog({ name: 'api', level: 'silent', workerId: 'test' })

t.test('Redis is read once a second, and not again before the last reading has ended', async (t) => {
  const clock = createSimulatedClock()
  const readAt: number[] = []
  const loop = startSnapshotLoop({
    clock,
    intervalMs: 1_000,
    log,
    async read(now) {
      readAt.push(now)
      // The third reading is slow.
      if (readAt.length === 3) await clock.sleep(2_500)
      return { ...fakeSnapshot(), at: now }
    },
  })
  await waitFor('five readings', () => readAt.length >= 5, { deadlineMs: 2_000, intervalMs: 1 })
  await loop.stop()
  const began = readAt[0] ?? 0
  t.same(
    readAt.slice(0, 5).map((at) => at - began),
    [0, 1_000, 2_000, 4_500, 5_500],
  )
})

t.test(
  'while Redis is away the last snapshot is given out for five seconds only, and then none',
  async (t) => {
    const clock = createSimulatedClock()
    const began = clock.now()
    let wasFresh = false
    const loop = startSnapshotLoop({
      clock,
      intervalMs: 1_000,
      log,
      async read(now) {
        if (now > began) {
          wasFresh ||= now === began + 5_000 && loop.latest() !== undefined
          throw new Error('away')
        }
        return { ...fakeSnapshot(), at: now }
      },
    })
    await waitFor('six seconds', () => clock.now() > began + 6_000, { deadlineMs: 2_000, intervalMs: 1 })
    t.equal(loop.latest(), undefined)
    t.ok(wasFresh)
    await loop.stop()
  },
)
