import t from 'tap'
import { backoffDelay, retry } from '../../lib/retry.ts'

/** A clock whose sleep passes at once and moves the time. */
function manualClock() {
  let now = 0
  return {
    now: () => now,
    monotonic: () => now,
    async sleep(ms: number) {
      now += ms
    },
  }
}

t.test('the backoff grows past its ceiling', async (t) => {
  const highest = () => 1
  const delays = [1, 2, 3, 4, 50].map((attempt) =>
    backoffDelay(attempt, { baseMs: 100, maxMs: 500 }, highest),
  )
  t.strictSame(delays, [100, 200, 400, 500, 500])
  t.equal(
    backoffDelay(3, { baseMs: 100, maxMs: 500 }, () => 0),
    0,
    'full jitter reaches down to zero',
  )
})

t.test('a task that fails for a while is given up', async (t) => {
  let calls = 0
  const result = await retry(
    async () => {
      calls++
      if (calls < 4) throw new Error('not yet')
      return 'done'
    },
    { baseMs: 10, maxMs: 100, isRetryable: () => true, clock: manualClock() },
  )
  t.equal(result, 'done')
  t.equal(calls, 4)
})

t.test('an error that no repetition can help is repeated', async (t) => {
  let calls = 0
  const task = async () => {
    calls++
    throw new Error('no such stream')
  }
  await t.rejects(retry(task, { baseMs: 1, maxMs: 1, isRetryable: () => false, clock: manualClock() }))
  t.equal(calls, 1)
})

t.test('the deadline is passed by one more delay', async (t) => {
  const clock = manualClock()
  const task = async () => {
    throw new Error('away')
  }
  const options = {
    baseMs: 100,
    maxMs: 1_000,
    isRetryable: () => true,
    deadlineMs: 500,
    clock,
    random: () => 1,
  }
  await t.rejects(retry(task, options), { message: 'away' })
  t.ok(clock.now() <= 500, `gave up at ${clock.now()} ms`)
})
