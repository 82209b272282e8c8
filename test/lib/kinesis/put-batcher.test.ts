import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import {
  createPutBatcher,
  MAX_RECORD_BYTES,
  type PutBatcherOptions,
} from '../../../lib/kinesis/put-batcher.ts'
import { type PutRecord, sizeOf } from '../../../lib/kinesis/put-segment.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const record = (name: string, bytes = 10): PutRecord => ({ partitionKey: name, data: Buffer.alloc(bytes) })

function batcherWith(options: Partial<PutBatcherOptions> & Pick<PutBatcherOptions, 'put'>) {
  return createPutBatcher({
    isTransient: () => true,
    maxInFlightBytes: 1_000_000,
    clock: createSimulatedClock(),
    random: randomAt(1, 0, 0).next,
    ...options,
  })
}

t.test('whatever Kinesis refuses, each record is taken once and no limit is ever passed', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = randomAt(seed, 0, 0).next
    const clock = createSimulatedClock()
    const maxInFlightBytes = 20_000 + random() * 400_000
    const maxBytesPerCall = 10_000 + random() * 60_000
    const maxCalls = 1 + Math.floor(random() * 5)
    const taken: string[] = []
    let calls = 0
    const faults: string[] = []
    const batcher = createPutBatcher({
      clock,
      random,
      maxInFlightBytes,
      maxBytesPerCall,
      maxCalls,
      isTransient: () => true,
      ...(seed % 2 === 0 ? {} : { shardOf: (key: string) => key.slice(-1) }),
      async put(records) {
        if (++calls > maxCalls) faults.push(`${calls} calls at once`)
        if (records.length > 500) faults.push(`${records.length} records in a call`)
        const bytes = records.reduce((sum, each) => sum + sizeOf(each), 0)
        if (bytes > maxBytesPerCall) faults.push(`${bytes} bytes in a call`)
        await clock.sleep(random() * 40)
        calls--
        if (random() < 0.2) throw new Error('away')
        return records.map((each) => {
          if (random() < 0.3) return 'ProvisionedThroughputExceededException'
          taken.push(each.partitionKey)
          return undefined
        })
      },
    })
    const sent: { names: string[]; promise: Promise<void> }[] = []
    let added = 0
    for (let batch = 0; batch < 20; batch++) {
      const names: string[] = []
      const size = Math.floor(random() * 300)
      for (let i = 0; i < size; i++) {
        const one = record(`r${added++}`, 1 + Math.floor(random() * 2_000))
        const room = batcher.add(one)
        names.push(one.partitionKey)
        if (batcher.inFlightBytes() > maxInFlightBytes + sizeOf(one)) faults.push('too much in flight')
        if (room !== undefined) await room
      }
      sent.push({ names, promise: batcher.send() })
    }
    for (const { names, promise } of sent) {
      await promise
      const known = new Set(taken)
      if (!names.every((name) => known.has(name))) faults.push('a batch resolved before all of it was taken')
    }
    t.same(faults, [], `seed ${seed}`)
    t.equal(new Set(taken).size, added)
    t.equal(taken.length, added, 'none twice')
    t.equal(batcher.inFlightBytes(), 0)
  }
})

t.test('records with the same key change places, or one of them is never put', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomAt(seed, 0, 0).next
    const clock = createSimulatedClock()
    const keys = 1 + Math.floor(random() * 40)
    const taken = new Map<string, number[]>()
    const sent = new Map<string, number>()
    const batcher = createPutBatcher({
      clock,
      random,
      keepOrder: true,
      maxInFlightBytes: 100 + random() * 50_000,
      maxBytesPerCall: 3_000,
      isTransient: () => true,
      ...(seed % 2 === 0 ? {} : { shardOf: (key: string) => key.slice(-1) }),
      async put(records) {
        await clock.sleep(random() * 40)
        if (random() < 0.1) throw new Error('away')
        return records.map(({ partitionKey, data }) => {
          if (random() < 0.3) return 'ProvisionedThroughputExceededException'
          taken.set(partitionKey, [...(taken.get(partitionKey) ?? []), data.length])
          return undefined
        })
      },
    })
    const batches: Promise<void>[] = []
    for (let batch = 0; batch < 30; batch++) {
      const size = Math.floor(random() * 30)
      for (let i = 0; i < size; i++) {
        const key = `key-${Math.floor(random() * keys)}`
        const number = (sent.get(key) ?? 0) + 1
        sent.set(key, number)
        // Its length says which one it is.
        const room = batcher.add(record(key, number))
        if (room !== undefined) await room
      }
      batches.push(batcher.send())
      if (random() < 0.5) await clock.sleep(random() * 50)
    }
    await Promise.all(batches)
    t.equal(batcher.inFlightBytes(), 0, `seed ${seed}`)
    for (const [key, count] of sent) {
      t.same(
        taken.get(key),
        Array.from({ length: count }, (_, i) => i + 1),
        `seed ${seed}, ${key}`,
      )
    }
  }
})

t.test('a shard that refuses everything holds up the records of the others', async (t) => {
  const clock = createSimulatedClock()
  const startedAt = clock.now()
  const openAt = startedAt + 30_000
  const takenAt: Record<'hot' | 'cool', number[]> = { hot: [], cool: [] }
  let calls = 0
  const batcher = batcherWith({
    clock,
    shardOf: (key) => key.split('-')[0],
    async put(records) {
      calls++
      await clock.sleep(5)
      return records.map(({ partitionKey }) => {
        const shard = partitionKey.startsWith('hot') ? 'hot' : 'cool'
        if (shard === 'hot' && clock.now() < openAt) return 'ProvisionedThroughputExceededException'
        takenAt[shard].push(clock.now())
        return undefined
      })
    },
  })
  const sent: Promise<void>[] = []
  const addedAt: number[] = []
  for (let i = 0; i < 100; i++) {
    addedAt.push(clock.now())
    batcher.add(record(`hot-${i}`))
    batcher.add(record(`cool-${i}`))
    sent.push(batcher.send())
    await clock.sleep(20)
  }
  t.equal(takenAt.cool.length, 100)
  t.ok(
    takenAt.cool.every((at, i) => at <= (addedAt[i] ?? 0) + 10),
    'no longer than a call takes',
  )
  t.ok(calls < 150, `${calls} calls: those of the hot shard go together, with longer and longer delays`)
  await Promise.all(sent)
  t.equal(takenAt.hot.length, 100)
  t.ok(Math.max(...takenAt.hot) < openAt + 10_000)
  batcher.add(record('hot-again'))
  await batcher.send()
  t.equal(takenAt.hot.length, 101, 'and then it is a shard like the others')
})

t.test('records are not held back until 500 have come together', async (t) => {
  const calls: number[] = []
  const batcher = batcherWith({
    async put(records) {
      calls.push(records.length)
      return []
    },
  })
  batcher.add(record('a'))
  await batcher.send()
  for (let i = 0; i < 501; i++) batcher.add(record(`b${i}`))
  await batcher.send()
  t.same(calls, [1, 500, 1])
})

t.test('a batch with nothing in it does not wait for anything', async (t) => {
  await t.resolves(batcherWith({ put: async () => [] }).send())
})

t.test(
  'the wait for room ends when Kinesis takes something, though nobody sent the open batch',
  async (t) => {
    const batcher = batcherWith({ put: async () => [], maxInFlightBytes: 100 })
    const room = batcher.add(record('a', 200))
    t.ok(room)
    await room
    t.equal(batcher.inFlightBytes(), 0)
    await batcher.send()
  },
)

t.test('a record too large for Kinesis is refused at once and blocks nothing', async (t) => {
  const batcher = batcherWith({ put: async () => [], maxInFlightBytes: 10 * MAX_RECORD_BYTES })
  t.throws(() => batcher.add(record('a', MAX_RECORD_BYTES)), { code: 'RECORD_TOO_LARGE' })
  batcher.add(record('a', MAX_RECORD_BYTES - 1))
  await batcher.send()
})

t.test('a call that can never succeed fails its batch and only that one', async (t) => {
  const batcher = batcherWith({
    isTransient: () => false,
    async put([first]) {
      if (first?.partitionKey === 'bad') throw new Error('no such stream')
      return []
    },
  })
  batcher.add(record('bad'))
  const bad = batcher.send()
  batcher.add(record('good'))
  const good = batcher.send()
  await t.rejects(bad, { message: 'no such stream' })
  await good
})

t.test('a flush tells whether all was taken in time, and a close lets nobody wait for ever', async (t) => {
  const clock = createSimulatedClock()
  let away = true
  const batcher = batcherWith({
    clock,
    maxInFlightBytes: 100,
    async put() {
      if (away) throw new Error('away')
      return []
    },
  })
  batcher.add(record('a'))
  void batcher.send()
  t.equal(await batcher.flush(500), false)
  away = false
  t.equal(await batcher.flush(60_000), true)

  away = true
  const room = batcher.add(record('b', 200))
  const lost = batcher.send()
  batcher.close()
  await room
  await t.rejects(lost, { code: 'DEADLINE_EXCEEDED' })
})

t.test('what was taken and what was not is told after each call', async (t) => {
  const told: object[] = []
  let call = 0
  const batcher = batcherWith({
    put: async () =>
      call++ === 0 ? ['ProvisionedThroughputExceededException', undefined, 'InternalFailure'] : [],
    onCall: ({ accepted, throttled, refused, error }) =>
      told.push({ accepted, throttled, refused, failed: error !== undefined }),
  })
  for (const key of ['a', 'b', 'c']) batcher.add(record(key))
  t.equal(batcher.inFlightRecords(), 3)
  await batcher.send()
  t.equal(batcher.inFlightRecords(), 0)
  t.same(told, [
    { accepted: 1, throttled: 1, refused: 1, failed: true },
    { accepted: 2, throttled: 0, refused: 0, failed: false },
  ])
})
