import { pino } from 'pino'
import t from 'tap'
import { RoadpulseError } from '../../../lib/errors.ts'
import { limitRepeats } from '../../../lib/process/limit-repeats.ts'

function setUp() {
  const lines: Record<string, unknown>[] = []
  const timers: (() => void)[] = []
  const log = pino(
    {
      level: 'trace',
      base: {},
      timestamp: false,
      hooks: { logMethod: limitRepeats((task) => timers.push(task)) },
    },
    { write: (text) => void lines.push(JSON.parse(text) as Record<string, unknown>) },
  )
  /** Ten seconds go by. */
  const pass = () => {
    for (const task of timers.splice(0)) task()
  }
  return { log, lines, pass }
}

t.test('an outage fills the log, or what was held back is not told', async (t) => {
  const { log, lines, pass } = setUp()
  for (let i = 1; i <= 5; i++) log.warn({ attempt: i }, 'it fails')
  t.match(lines, [{ attempt: 1 }])
  t.equal(lines.length, 1)
  pass()
  t.match(lines[1], { msg: 'it fails', attempt: 5, suppressed: 4 })
  log.warn({ attempt: 6 }, 'it fails')
  t.equal(lines.length, 2, 'it goes on: one line each ten seconds')
  pass()
  t.match(lines[2], { attempt: 6, suppressed: 1 })
  pass()
  t.equal(lines.length, 3, 'nothing was held back')
  log.warn({ attempt: 7 }, 'it fails')
  t.equal(lines.length, 4, 'and the next one is new')
  t.equal(lines[3]?.['suppressed'], undefined)
})

t.test('one line hides another that is about something else', async (t) => {
  const { log, lines } = setUp()
  const [a, b] = [log.child({ shard: 'a' }), log.child({ shard: 'b' })]
  for (let i = 0; i < 3; i++) {
    a.error('it fails')
    b.error('it fails')
    b.error('it fails in another way')
    log.error({ feed: 'live-1' }, 'it fails')
    log.error({ error: new RoadpulseError('FENCED', 'no') }, 'it fails')
    log.error({ error: new RoadpulseError('STREAM_MISSING', 'no') }, 'it fails')
  }
  t.equal(lines.length, 6)
})

t.test('each request makes a line of its own of the same fault', async (t) => {
  const { log, lines } = setUp()
  for (let i = 0; i < 5; i++) log.child({ requestId: `r-${i}` }).error('request failed')
  t.equal(lines.length, 1)
})

t.test('what somebody did, or why a process ends, is held back', async (t) => {
  const { log, lines } = setUp()
  for (let i = 0; i < 3; i++) {
    log.info('change asked for')
    log.debug('detail')
    log.fatal('failed')
  }
  t.equal(lines.length, 9)
})

t.test('lines that differ without end fill the memory', async (t) => {
  const { log, lines, pass } = setUp()
  for (let i = 0; i < 1_500; i++) log.warn({ address: `10.0.${i}` }, 'sign-in refused')
  t.equal(lines.length, 1_500)
  for (let i = 0; i < 1_500; i++) log.warn({ address: `10.0.${i}` }, 'sign-in refused')
  t.equal(lines.length, 2_000, 'those beyond the limit are written each time')
  pass()
  t.equal(lines.length, 3_000)
})
