import { pino } from 'pino'
import t from 'tap'
import { createCheckpointer } from '../../../lib/kinesis/checkpointer.ts'
import type { CheckpointResult, Lease, LeaseStore } from '../../../lib/kinesis/lease-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const one = { shardId: '1', epoch: 10 }
const two = { shardId: '2', epoch: 20 }

function setUp(reply: (call: number) => Promise<CheckpointResult[]> = async () => ['accepted', 'accepted']) {
  const calls: string[][] = []
  const clock = createSimulatedClock()
  const fenced: Lease[] = []
  const store: Pick<LeaseStore, 'checkpoint'> = {
    async checkpoint(_worker, marks) {
      calls.push(marks.map((mark) => `${mark.shardId}@${mark.epoch}=${mark.sequenceNumber}`))
      return reply(calls.length)
    },
  }
  const checkpointer = createCheckpointer({
    store,
    workerId: 'worker',
    intervalMs: 1_000,
    onFenced: (lease) => fenced.push(lease),
    clock,
    log: pino({ level: 'silent' }),
    metrics: createMetrics('test', '0'),
  })
  return { checkpointer, calls, fenced, clock }
}

t.test('each batch costs a call to the store, or each shard', async (t) => {
  const { checkpointer, calls } = setUp()
  checkpointer.advance(one, '5', { records: 1, handlingMs: 0 })
  checkpointer.advance(two, '6', { records: 1, handlingMs: 0 })
  checkpointer.advance(one, '7', { records: 1, handlingMs: 0 })
  await checkpointer.flush()
  await checkpointer.flush()
  t.strictSame(calls, [['1@10=7', '2@20=6']])
})

t.test('what was not written is forgotten', async (t) => {
  const { checkpointer, calls } = setUp(async (call) => {
    if (call === 1) throw new Error('no redis')
    return ['accepted']
  })
  checkpointer.advance(one, '5', { records: 1, handlingMs: 0 })
  await checkpointer.flush()
  await checkpointer.flush()
  t.strictSame(calls, [['1@10=5'], ['1@10=5']])
})

t.test('progress during a write is taken for written', async (t) => {
  const written = Promise.withResolvers<CheckpointResult[]>()
  const { checkpointer, calls } = setUp(async () => written.promise)
  checkpointer.advance(one, '5', { records: 1, handlingMs: 0 })
  const flushed = checkpointer.flush()
  await Promise.resolve()
  checkpointer.advance(one, '6', { records: 1, handlingMs: 0 })
  written.resolve(['accepted'])
  await flushed
  await checkpointer.flush()
  t.strictSame(calls, [['1@10=5'], ['1@10=6']])
})

t.test('a worker goes on with a shard whose checkpoint was refused', async (t) => {
  const { checkpointer, calls, fenced } = setUp(async () => ['fenced', 'accepted'])
  checkpointer.advance(one, '5', { records: 1, handlingMs: 0 })
  checkpointer.advance(two, '5', { records: 1, handlingMs: 0 })
  await checkpointer.flush()
  t.match(fenced, [one], 'under this epoch: it may have the shard under a later one by now')
  await checkpointer.flush()
  t.equal(calls.length, 1, 'and it does not ask again')
})

t.test('a fast shard would repeat a whole second of records after a crash', async (t) => {
  const { checkpointer, calls } = setUp()
  for (let i = 1; i <= 5; i++) checkpointer.advance(one, `${i}`, { records: 1_000, handlingMs: 0 })
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(calls, [['1@10=5']])
})

t.test('what took handlers long waits for the clock, and is done twice after a crash', async (t) => {
  const { checkpointer, calls } = setUp()
  checkpointer.advance(one, '1', { records: 1, handlingMs: 120 })
  checkpointer.advance(two, '2', { records: 1, handlingMs: 120 })
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(calls, [['1@10=1', '2@20=2']])
})

t.test(
  'work that is never checkpointed looks young, or what came during a write looks as old as that',
  async (t) => {
    const written = Promise.withResolvers<CheckpointResult[]>()
    const { checkpointer, clock } = setUp(async (call) => {
      if (call === 1) throw new Error('no redis')
      return written.promise
    })
    const work = { records: 1, handlingMs: 0 }
    t.equal(checkpointer.ageMs('1'), 0, 'nothing is done yet')
    checkpointer.advance(one, '5', work)
    await clock.sleep(700)
    checkpointer.advance(one, '6', work)
    await checkpointer.flush()
    t.equal(checkpointer.ageMs('1'), 700, 'of the oldest, and a write that failed is none')
    await clock.sleep(300)
    const flushed = checkpointer.flush()
    await Promise.resolve()
    await clock.sleep(100)
    checkpointer.advance(one, '7', work)
    written.resolve(['accepted'])
    await flushed
    t.equal(checkpointer.ageMs('1'), 100, 'since the write began that did not cover it')
    checkpointer.forget('1')
    t.equal(checkpointer.ageMs('1'), 0)
  },
)
