import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import { createPacer } from '../../../workers/producer/pace.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const signal = new AbortController().signal

t.test('over a minute the rate is exact, also with late timers and work between the groups', async (t) => {
  for (const rowsPerSecond of [0.1, 10, 50, 333, 1_000, 5_000]) {
    const clock = createSimulatedClock()
    const random = randomAt(1, 0, 0).next
    const late = { ...clock, sleep: (ms: number) => clock.sleep(ms + random() * 7) }
    const pacer = createPacer({ kind: 'rate', rowsPerSecond }, late)
    const startedAt = clock.monotonic()
    let released = 0
    while (clock.monotonic() - startedAt < 60_000) {
      released += await pacer.take(500, signal)
      await late.sleep(random() * 5)
    }
    const exact = ((clock.monotonic() - startedAt) / 1_000) * rowsPerSecond
    t.ok(
      Math.abs(released - exact) <= Math.max(1, rowsPerSecond * 0.05),
      `${rowsPerSecond}: ${released} of ${exact}`,
    )
  }
})

t.test('rows are released in small groups, neither one by one nor in bursts', async (t) => {
  const clock = createSimulatedClock()
  const pacer = createPacer({ kind: 'rate', rowsPerSecond: 1_000 }, clock)
  await pacer.take(500, signal)
  for (let i = 0; i < 200; i++) {
    const before = clock.monotonic()
    await clock.sleep(3)
    const taken = await pacer.take(500, signal)
    const waited = clock.monotonic() - before
    t.ok(taken >= 20 && taken <= 50, `${taken} rows`)
    t.ok(waited >= 20 && waited <= 50, `after ${waited} ms`)
  }
})

t.test('no more than what was asked for is released at once', async (t) => {
  const clock = createSimulatedClock()
  const pacer = createPacer({ kind: 'rate', rowsPerSecond: 10_000 }, clock)
  await pacer.take(1, signal)
  await clock.sleep(1_000)
  t.equal(await pacer.take(7, signal), 7)
})

t.test('a long stall is not made up for by a flood', async (t) => {
  const clock = createSimulatedClock()
  const pacer = createPacer({ kind: 'rate', rowsPerSecond: 100 }, clock)
  await pacer.take(1, signal)
  await clock.sleep(600_000)
  let released = 0
  const stalledUntil = clock.monotonic()
  while (clock.monotonic() - stalledUntil < 1_000) released += await pacer.take(500, signal)
  t.ok(released <= 310, `${released} rows in the second after it`)
})

t.test('a stop ends the wait for the next row', async (t) => {
  const abort = new AbortController()
  const asleepForEver = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
  const pacer = createPacer(
    { kind: 'rate', rowsPerSecond: 1 },
    { ...createSimulatedClock(), sleep: asleepForEver },
  )
  await pacer.take(1, abort.signal)
  const waiting = pacer.take(1, abort.signal)
  abort.abort()
  t.equal(await waiting, 0)
})

t.test('a change of pace waits for a row of the old one, or makes up for the time before it', async (t) => {
  const clock = createSimulatedClock()
  const pacer = createPacer({ kind: 'rate', rowsPerSecond: 0.01 }, clock)
  t.equal(await pacer.take(500, signal), 1)
  const changedAt = clock.monotonic()
  const waiting = pacer.take(500, signal)
  pacer.setPace({ kind: 'rate', rowsPerSecond: 100 })
  let released = await waiting
  while (clock.monotonic() - changedAt < 10_000) released += await pacer.take(500, signal)
  t.ok(Math.abs(released - 1_000) < 30, `${released} rows in ten seconds`)
  pacer.setPace({ kind: 'max' })
  t.equal(await pacer.take(500, signal), 500)
})

t.test('at the pace max everything is due, and the event loop gets its turn', async (t) => {
  const pacer = createPacer({ kind: 'max' }, createSimulatedClock())
  const turn = new AbortController()
  setImmediate(() => turn.abort())
  for (let takes = 0; takes < 100_000 && !turn.signal.aborted; takes++) {
    if ((await pacer.take(500, signal)) !== 500) t.fail('not everything was due')
  }
  t.ok(turn.signal.aborted)
})

t.test('a run that falls behind its pace looks as if it kept it', async (t) => {
  const clock = createSimulatedClock()
  const rate = createPacer({ kind: 'rate', rowsPerSecond: 10 }, clock)
  await rate.take(1, signal)
  t.equal(rate.lagMs(), 0)
  await clock.sleep(1_100)
  t.equal(rate.lagMs(), 1_000, 'a row was due after the first tenth of a second')
  rate.setPace({ kind: 'max' })
  t.equal(rate.lagMs(), 0)

  const speed = createPacer({ kind: 'speed', factor: 60 }, clock)
  speed.dueAt(0, 1_000)
  t.equal(speed.lagMs(), 0)
  speed.dueAt(60_000, 2_700)
  t.equal(speed.lagMs(), 700, 'a minute of accidents takes a second')
  speed.dueAt(undefined, 9_000)
  t.equal(speed.lagMs(), 700, 'a row without a time tells nothing')
})
