import { writeFileSync } from 'node:fs'
import t from 'tap'
import { createEcsWanted } from '../../../api/watchdog/wanted/ecs-wanted.ts'
import type { WantedNumbers, WantedOptions } from '../../../api/watchdog/wanted/wanted-numbers.ts'
import { createWantedNumbers } from '../../../api/watchdog/wanted/wanted-numbers.ts'
import { createLog } from '../../../lib/process/log.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const log = createLog({ name: 'api', level: 'silent', workerId: 'test' })

function wantedFrom(options: WantedOptions) {
  return createWantedNumbers(options, {
    connectEcs: () => Promise.reject(new Error('not asked for')),
    clock: createSimulatedClock(),
    log,
    signal: new AbortController().signal,
  })
}

t.test('a wanted number that makes no sense is taken for one', async (t) => {
  t.same(wantedFrom({}).latest(), {})
  t.same(wantedFrom({ WANTED: '{"producer":1,"consumer":0}' }).latest(), { producer: 1, consumer: 0 })
  for (const WANTED of ['{', '[]', '3', '{"producer":-1}', '{"producer":"2"}', '{"flink":1}']) {
    t.throws(() => wantedFrom({ WANTED }), { code: 'CONFIGURATION' }, WANTED)
  }
  t.throws(() => wantedFrom({ WANTED: '{}', STACK_FILE: 'x' }), { code: 'CONFIGURATION' }, 'two places')
})

t.test(
  'what the supervisor wants is forgotten when its file is gone, or never looked at again',
  async (t) => {
    const file = `${t.testdir()}/stack.json`
    const wanted = wantedFrom({ STACK_FILE: file })
    t.same(wanted.latest(), {})
    writeFileSync(file, JSON.stringify({ parts: { consumer: { wanted: 1 }, flink: { wanted: 1 } } }))
    t.same(wanted.latest(), { consumer: 1 })
    writeFileSync(file, JSON.stringify({ parts: { consumer: { wanted: 2 } } }))
    t.same(wanted.latest(), { consumer: 2 })
    writeFileSync(file, 'half of i')
    t.same(wanted.latest(), { consumer: 2 })
  },
)

t.test('while ECS does not answer nobody is wanted, or it is asked more than every 15 s', async (t) => {
  const clock = createSimulatedClock()
  const began = clock.now()
  const stop = new AbortController()
  const asked: number[] = []
  const answers = [new Map([['c', 2]]), undefined, new Map([['c', 5]])]
  const seen: unknown[] = []
  let wanted: WantedNumbers | undefined
  wanted = createEcsWanted({
    connect: async () => async (names) => {
      t.same(names, ['c', 'p'])
      seen.push(wanted?.latest())
      asked.push(clock.now() - began)
      const answer = answers[asked.length - 1]
      if (answer === undefined) throw new Error('throttled')
      return answer
    },
    services: { consumer: 'c', producer: 'p' },
    clock,
    log,
    signal: stop.signal,
  })
  await waitFor('three answers', () => asked.length >= 4, { deadlineMs: 2_000, intervalMs: 1 })
  stop.abort()
  t.same(asked.slice(0, 3), [0, 15_000, 30_000])
  t.same(seen.slice(1, 4), [{ consumer: 2 }, { consumer: 2 }, { consumer: 5 }])
})
