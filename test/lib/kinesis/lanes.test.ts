import { pino } from 'pino'
import t from 'tap'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { Lanes, type LanesOptions } from '../../../lib/kinesis/lanes.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

/** `b2`: the second record of the shard, of the partition key b. */
const record = (name: string): KinesisRecord => ({
  data: new Uint8Array(),
  partitionKey: name.slice(0, 1),
  sequenceNumber: name.slice(1),
  arrivedAt: 0,
})
const records = (names: string) => names.split(' ').map(record)
const namesOf = (batch: readonly KinesisRecord[]) =>
  batch.map(({ partitionKey, sequenceNumber }) => partitionKey + sequenceNumber).join(' ')
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Lanes whose handler returns when it is told to. The keys a and b are of different lanes, should there be two. */
function setUp(overrides: Partial<LanesOptions> = {}) {
  const calls = new Map<string, PromiseWithResolvers<void>>()
  const done: string[] = []
  const aside: string[] = []
  const clock = createSimulatedClock()
  const lanes = new Lanes({
    lanes: 2,
    maxBatchRecords: 100,
    handle(batch) {
      const call = Promise.withResolvers<void>()
      calls.set(namesOf(batch), call)
      return call.promise
    },
    putAside: async (poison) => void aside.push(namesOf([poison])),
    onDone: (batch) => done.push(namesOf(batch)),
    onFailed: (error) => t.fail(String(error)),
    clock,
    random: Math.random,
    log: pino({ level: 'silent' }),
    ...overrides,
  })
  async function finish(names: string): Promise<void> {
    calls.get(names)?.resolve()
    calls.delete(names)
    await settled()
  }
  return { lanes, calls, finish, done, aside, clock }
}

t.test('records of one key overtake each other, or one key waits for another', async (t) => {
  const { lanes, calls, finish, done } = setUp()
  lanes.push(records('a1 b2 a3'))
  t.strictSame([...calls.keys()].toSorted(), ['a1 a3', 'b2'])
  lanes.push(records('a4 b5 a6'))
  await finish('b2')
  t.strictSame([...calls.keys()], ['a1 a3', 'b5'])
  await finish('a1 a3')
  t.strictSame([...calls.keys()], ['b5', 'a4 a6'], 'all that waits is the next batch')
  t.strictSame(done, ['b2', 'a1 a3'])
})

t.test('a batch is larger than the handler wishes', async (t) => {
  const { lanes, calls, finish, done } = setUp({ lanes: 1, maxBatchRecords: 2 })
  lanes.push(records('a1 b2 a3'))
  t.strictSame([...calls.keys()], ['a1 b2'])
  await finish('a1 b2')
  await finish('a3')
  t.strictSame(done, ['a1 b2', 'a3'])
})

t.test('what comes just when a lane has finished waits for ever', async (t) => {
  // Each time one turn later: in one of them the lane is between its last look and its end.
  for (let turns = 0; turns < 20; turns++) {
    const { lanes, done } = setUp({ lanes: 1, handle: async () => {} })
    lanes.push(records('a1'))
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    lanes.push(records('a2'))
    await settled()
    t.strictSame(done, ['a1', 'a2'], `${turns} turns later`)
    t.notOk(lanes.isBusy)
  }
})

t.test('a poison record stops the other lanes', async (t) => {
  const { lanes, done, aside } = setUp({
    async handle(batch) {
      if (batch.some(({ sequenceNumber }) => sequenceNumber === '1')) throw new Error('poison')
    },
    putAside: () => new Promise(() => {}),
  })
  lanes.push(records('a1 b2 b3'))
  lanes.push(records('b4'))
  await settled()
  t.strictSame([done, aside], [['b2 b3', 'b4'], []])
})

t.test('a drain leaves a gap before what is done, or begins what nobody needs', async (t) => {
  const { lanes, calls, finish, done } = setUp({ maxBatchRecords: 1 })
  lanes.push(records('a1 b2 b3 a4 b5 a6'))
  await finish('b2')
  await finish('b3')
  lanes.drain()
  t.strictSame([...calls.keys()], ['a1', 'b5'])
  await finish('b5')
  await finish('a1')
  await finish('a4')
  await lanes.idle()
  t.strictSame(done, ['b2', 'b3', 'b5', 'a1', 'a4'], 'but not 6: the next owner begins there')
})

t.test('a handler that does not return looks like one that is at work', async (t) => {
  const { lanes, clock, finish } = setUp()
  lanes.push(records('a1'))
  await clock.sleep(10_000)
  lanes.push(records('b2'))
  await clock.sleep(5_000)
  t.equal(lanes.stalledMs(), 15_000)
  await finish('a1')
  t.equal(lanes.stalledMs(), 5_000)
  await finish('b2')
  t.equal(lanes.stalledMs(), 0)
})
