import { pino } from 'pino'
import t from 'tap'
import { RoadpulseError } from '../../../lib/errors.ts'
import { type BatchProcessorOptions, createBatchProcessor } from '../../../lib/kinesis/batch-processor.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

function records(count: number): KinesisRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    data: new Uint8Array(),
    partitionKey: '',
    sequenceNumber: `${i + 1}`,
    arrivedAt: 0,
  }))
}
const numbers = (batch: readonly KinesisRecord[]) => batch.map((record) => Number(record.sequenceNumber))

/** A processor whose handler fails on the records that `failOn` names; `log` says what happened, in order. */
function setUp(failOn: number[], overrides: Partial<BatchProcessorOptions> = {}) {
  const calls: number[][] = []
  const done: number[] = []
  const aside: number[] = []
  const waiting: (string | undefined)[] = []
  const process = createBatchProcessor({
    async handle(batch) {
      calls.push(numbers(batch))
      if (numbers(batch).some((number) => failOn.includes(number))) throw new Error('bad record')
    },
    async putAside(record) {
      aside.push(...numbers([record]))
    },
    onDone: (batch) => done.push(...numbers(batch)),
    onWaiting: (reason) => waiting.push(reason),
    clock: createSimulatedClock(),
    log: pino({ level: 'silent' }),
    ...overrides,
  })
  return { process, calls, done, aside, waiting }
}
const never = new AbortController().signal

t.test('a good batch is handled in pieces', async (t) => {
  const { process, calls, done } = setUp([])
  t.equal(await process(records(5), never), true)
  t.strictSame(calls, [[1, 2, 3, 4, 5]])
  t.strictSame(done, [1, 2, 3, 4, 5])
})

t.test('a batch is bisected at the first failure, though it would succeed at the second', async (t) => {
  let failures = 2
  const { process, aside, done } = setUp([], {
    async handle() {
      if (failures-- > 0) throw new Error('hiccup')
    },
  })
  t.equal(await process(records(3), never), true)
  t.strictSame([aside, done], [[], [1, 2, 3]])
})

t.test('poison records take others with them, or change the order', async (t) => {
  for (const poison of [[1], [7], [4, 5], [1, 2, 3, 4, 5, 6, 7]]) {
    const { process, aside, done } = setUp(poison)
    t.equal(await process(records(7), never), true)
    t.strictSame(aside, poison)
    t.strictSame(done, [1, 2, 3, 4, 5, 6, 7], 'acknowledged in order')
  }
})

t.test('records are put aside because a dependency of the handler is down', async (t) => {
  let failures = 50
  const { process, aside, done, waiting } = setUp([], {
    async handle() {
      if (failures-- > 0) throw new RoadpulseError('STORE_UNAVAILABLE', 'no redis')
    },
  })
  t.equal(await process(records(2), never), true)
  t.strictSame([aside, done], [[], [1, 2]])
  t.equal(waiting.filter((reason) => reason === 'no redis').length, 50)
  t.equal(waiting.at(-1), undefined, 'and it says when it goes on')
})

t.test('a record is skipped because the store for poison records is down', async (t) => {
  let failures = 20
  const { process, done, waiting } = setUp([2], {
    async putAside() {
      if (failures-- > 0) throw new Error('no bucket')
    },
  })
  t.equal(await process(records(3), never), true)
  t.equal(failures, -1)
  t.ok(waiting.includes('no bucket'))
  t.strictSame(done, [1, 2, 3])
})

t.test('a stop waits for a dependency that is down, or acknowledges what was not handled', async (t) => {
  const stop = new AbortController()
  const { process, done, aside } = setUp([], {
    async handle(batch) {
      if (numbers(batch).includes(1)) stop.abort()
      throw new RoadpulseError('STORE_UNAVAILABLE', 'no redis')
    },
  })
  t.equal(await process(records(2), stop.signal), false)
  t.strictSame([done, aside], [[], []])
})

t.test('a failing batch is bisected while the shard is being given away', async (t) => {
  const stop = new AbortController()
  const { process, done, aside } = setUp([], {
    async handle() {
      stop.abort()
      throw new Error('bad record')
    },
  })
  t.equal(await process(records(4), stop.signal), false)
  t.strictSame([done, aside], [[], []])
})
