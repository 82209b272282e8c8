import t from 'tap'
import type { AlertMessage } from '../../../api/watchdog/alert-message.ts'
import type { Publication } from '../../../api/watchdog/incident.ts'
import { startRedisWatch } from '../../../api/watchdog/redis-watch.ts'
import type { Clock } from '../../../lib/clock.ts'
import { createLog } from '../../../lib/process/log.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const log = createLog({ name: 'api', level: 'silent', workerId: 'test' })

/** Redis and SNS that are away when the test says so, by seconds of simulated time. */
async function watchFor(
  seconds: number,
  isAway: { redis: (second: number) => boolean; sns?: (second: number) => boolean },
  changes: Partial<Clock> = {},
) {
  const clock = { ...createSimulatedClock(), ...changes }
  const began = clock.now()
  const second = () => (clock.now() - began) / 1_000
  const told: string[] = []
  const over: { states: Publication['state'][] }[] = []
  const watch = startRedisWatch({
    ping: async () => {
      if (isAway.redis(second())) throw new Error('refused')
    },
    workerId: 'api-1',
    topic: {
      async publish({ attributes }: AlertMessage) {
        if (isAway.sns?.(second()) === true) throw new Error('refused')
        told.push(`${attributes['event']} at ${Math.round(second())}`)
        return 'id'
      },
      check: async () => undefined,
    },
    runbookUrl: '/',
    onOver: async (_incident, publications) => {
      over.push({ states: publications.map(({ state }) => state) })
    },
    clock,
    log,
  })
  await waitFor(`${seconds} s`, () => second() >= seconds, { deadlineMs: 5_000, intervalMs: 1 })
  await watch.stop()
  return { told, over }
}

t.test('Redis is gone, and an api says so never, at once, or more than once', async (t) => {
  t.same((await watchFor(60, { redis: (s) => s >= 10 && s < 13.5 })).told, [], 'a restart')
  const { told, over } = await watchFor(120, { redis: (s) => s >= 10 && s < 70 })
  t.equal(told.length, 2)
  t.match(told[0], /^opened at 1[4567]$/)
  t.match(told[1], /^closed at 7[2345]$/)
  t.same(over, [{ states: ['published', 'published'] }])
})

t.test('an api that starts without Redis, or whose Redis flaps, says nothing or too much', async (t) => {
  t.equal((await watchFor(30, { redis: () => true })).told.length, 1)
  t.equal((await watchFor(60, { redis: (s) => s % 4 < 3 })).told.length, 0, 'it answers now and then')
})

t.test(
  'SNS is away too: what is no longer true is told, or that it is over without that it began',
  async (t) => {
    const both = await watchFor(120, { redis: (s) => s >= 10 && s < 40, sns: (s) => s < 60 })
    t.same(both.told, [])
    t.same(both.over, [{ states: ['suppressed'] }])
    const first = await watchFor(120, { redis: (s) => s >= 10 && s < 80, sns: (s) => s < 50 })
    t.equal(first.told.length, 2)
  },
)
