import { pino } from 'pino'
import t from 'tap'
import { createUnknownTypes } from '../../../workers/consumer/unknown-types.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

t.test('each event of an unknown type is a line in the log', async (t) => {
  const lines: { types: Record<string, number> }[] = []
  const log = pino({}, { write: (line) => lines.push(JSON.parse(line)) })
  const clock = createSimulatedClock()
  const unknown = createUnknownTypes({ log, clock })
  for (let i = 0; i < 100; i++) unknown.note('later')
  unknown.note('much later')
  t.strictSame(
    lines.map(({ types }) => types),
    [{ later: 1 }],
  )
  await clock.sleep(60_000)
  unknown.note('later')
  t.strictSame(lines[1]?.types, { later: 100, 'much later': 1 })
})

t.test('names from the stream fill the memory', async (t) => {
  const lines: { types: Record<string, number> }[] = []
  const log = pino({}, { write: (line) => lines.push(JSON.parse(line)) })
  const clock = createSimulatedClock()
  const unknown = createUnknownTypes({ log, clock })
  for (let i = 0; i < 1_000; i++) unknown.note(`type-${i}`)
  await clock.sleep(60_000)
  unknown.note('type-1')
  t.equal(Object.keys(lines[1]?.types ?? {}).length, 20)
})
