import { pino } from 'pino'
import t from 'tap'
import { ByteBudget } from '../../../lib/kinesis/byte-budget.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import type { ShardRead } from '../../../lib/kinesis/shard-reader.ts'
import {
  type ShardBatch,
  type ShardRunnerOptions,
  startShardRunner,
} from '../../../lib/kinesis/shard-runner.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const record = (sequenceNumber: string, arrivedAt = 0): KinesisRecord => ({
  data: new Uint8Array(),
  partitionKey: '',
  sequenceNumber,
  arrivedAt,
})
const read = (...records: KinesisRecord[]): ShardRead => ({
  records,
  behindMs: 0,
  isShardEnd: false,
  children: [],
})
const end = (...records: KinesisRecord[]): ShardRead => ({ ...read(...records), isShardEnd: true })

/** A runner whose reader gives `reads` and then nothing until it is stopped. */
function setUp(reads: ShardRead[], overrides: Partial<ShardRunnerOptions> = {}) {
  const batches: ShardBatch[] = []
  const handled: string[] = []
  const clock = createSimulatedClock()
  const runner = startShardRunner({
    lease: { shardId: 'shard', epoch: 7 },
    reader: {
      async read(signal) {
        if (reads.length > 0) return reads.shift()
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return undefined
      },
    },
    memory: new ByteBudget(1_048_576).open(),
    lanes: 1,
    maxBatchRecords: 1_000,
    stuckAfterMs: 60_000,
    async handle(batch) {
      batches.push(batch)
    },
    putAside: ({ sequenceNumber }) => Promise.reject(new Error(sequenceNumber)),
    onHandled: (records) => handled.push(...records.map(({ sequenceNumber }) => sequenceNumber)),
    isHeld: () => true,
    complete: async () => true,
    clock,
    log: pino({ level: 'silent' }),
    ...overrides,
  })
  return { runner, batches, handled, clock }
}

t.test('a process that was stopped for a while handles records of a lease that has run out', async (t) => {
  const { runner, batches } = setUp([read(record('1'))], { isHeld: () => false })
  t.equal(await runner.done, 'fenced')
  t.strictSame(batches, [])
})

t.test(
  'a process that was stopped between two tries makes the second under a lease that has run out',
  async (t) => {
    let isHeld = true
    let tries = 0
    const { runner } = setUp([read(record('1'))], {
      isHeld: () => isHeld,
      async handle() {
        tries++
        isHeld = false
        throw new Error('fails once')
      },
    })
    t.equal(await runner.done, 'fenced')
    t.equal(tries, 1)
  },
)

t.test('empty reads reach the handler, or are acknowledged', async (t) => {
  const acknowledged: number[] = []
  const { runner, batches } = setUp([read(), read(record('1')), read(), end()], {
    onHandled: (records) => acknowledged.push(records.length),
  })
  t.equal(await runner.done, 'ended')
  t.equal(batches.length, 1)
  t.strictSame(acknowledged, [1])
})

t.test('a handler cannot fence its effects, or learn that it should stop', async (t) => {
  const begun = Promise.withResolvers<ShardBatch>()
  const { runner, handled } = setUp([read(record('1'))], {
    async handle(batch) {
      begun.resolve(batch)
      await new Promise((resolve) => batch.signal.addEventListener('abort', resolve))
    },
  })
  const batch = await begun.promise
  t.match(batch, { shardId: 'shard', epoch: 7 })
  runner.fence()
  t.equal(await runner.done, 'fenced')
  t.strictSame(handled, [], 'and what it has done then does not count')
})

t.test('a drain breaks off the batch in hand, or reads another one', async (t) => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { runner, handled } = setUp([read(record('1')), read(record('2'))], {
    async handle() {
      begun.resolve()
      await goOn.promise
    },
  })
  await begun.promise
  runner.drain()
  goOn.resolve()
  t.equal(await runner.done, 'drained')
  t.strictSame(handled, ['1'])
})

t.test('a shard ends before its last records are handled', async (t) => {
  const steps: string[] = []
  const { runner } = setUp([end(record('1'))], {
    onHandled: () => steps.push('handled'),
    async complete() {
      steps.push('completed')
      return true
    },
  })
  t.equal(await runner.done, 'ended')
  t.strictSame(steps, ['handled', 'completed'])
})

t.test('the end of a shard is forgotten when it cannot be recorded at once', async (t) => {
  let failures = 3
  const { runner } = setUp([end()], {
    async complete() {
      if (failures-- > 0) throw new Error('no redis')
      return true
    },
  })
  t.equal(await runner.done, 'ended')
  const fenced = setUp([end()], { complete: async () => false })
  t.equal(await fenced.runner.done, 'fenced', 'nor is it another-s')
})

t.test('a shard that hangs in its handler says that it is not behind', async (t) => {
  const begun = Promise.withResolvers<void>()
  const { runner, clock } = setUp([read(record('1', createSimulatedClock().now()))], {
    async handle({ signal }) {
      begun.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  })
  await begun.promise
  await clock.sleep(5_000)
  t.match(runner.status(), { state: 'handling', lagMs: 5_000 })
  runner.fence()
  await runner.done
})

t.test('lanes run away from one that stands still, until nothing is left of the memory', async (t) => {
  const keys = Array.from({ length: 100 }, (_, i) => `${i}`)
  const reads = keys.map((key) => read({ ...record(key), partitionKey: key }))
  let handled = 0
  const { runner, clock } = setUp(reads, {
    lanes: 8,
    // A quarter of it is a shard's: about ten of these records.
    memory: new ByteBudget(16_000).open(),
    async handle({ records, signal }) {
      if (records.some(({ partitionKey }) => partitionKey === '0')) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      }
      handled += records.length
    },
  })
  await clock.sleep(1)
  t.ok(handled >= 5 && handled < 20, `${handled} records`)
  runner.fence()
  t.equal(await runner.done, 'fenced')
})

t.test('a shard that is stuck looks like one that is at work, or like another that waits', async (t) => {
  const begun = Promise.withResolvers<void>()
  const { runner, clock } = setUp([read(record('1'))], {
    async handle({ signal }) {
      begun.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
  })
  await begun.promise
  const since = clock.now()
  await clock.sleep(59_000)
  t.match(runner.status(), { state: 'handling' })
  await clock.sleep(1_000)
  t.match(runner.status(), { state: 'stuck', reason: 'the handler does not return', since })
  runner.drain()
  runner.fence()
  t.equal(await runner.done, 'fenced')
})
