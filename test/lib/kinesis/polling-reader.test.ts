import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  type KinesisClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-kinesis'
import { pino } from 'pino'
import t from 'tap'
import { createPollingReader, type PollingReaderOptions } from '../../../lib/kinesis/polling-reader.ts'
import { createRandom } from '../../simulation/random.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

type Reply = {
  Records?: unknown[]
  NextShardIterator?: string
  MillisBehindLatest?: number
  ChildShards?: unknown[]
}
/** What a fake shard answers, in order; the last answer repeats. `hang`: nothing, for ever. */
type Script = { records: (Reply | Error | 'hang')[]; iterators?: (string | Error)[] }

const record = (number: number, bytes = 10) => ({
  SequenceNumber: `${number}`,
  PartitionKey: 'key',
  Data: new Uint8Array(bytes),
  ApproximateArrivalTimestamp: new Date(1_795_000_000_000),
})
const metadata = { $metadata: {}, message: '' }

function setUp(script: Script, options: Partial<PollingReaderOptions> = {}) {
  const clock = createSimulatedClock(0)
  const reads: { at: number; iterator: string | undefined; limit: number | undefined }[] = []
  const requests: unknown[] = []
  const iterators: { type: string | undefined; after: string | undefined }[] = []
  const results: string[] = []
  let expired = 0
  const answer = <T>(answers: (T | Error)[], fallback: T): T => {
    const next = answers.length > 1 ? answers.shift() : answers[0]
    if (next instanceof Error) throw next
    return next ?? fallback
  }
  const kinesis = {
    async send(command: { input: unknown }) {
      requests.push(command.input)
      if (command instanceof GetShardIteratorCommand) {
        iterators.push({ type: command.input.ShardIteratorType, after: command.input.StartingSequenceNumber })
        return { ShardIterator: answer(script.iterators ?? [], `iterator-${iterators.length}`) }
      }
      if (!(command instanceof GetRecordsCommand)) throw new Error('not expected')
      const { ShardIterator: iterator, Limit: limit } = command.input
      reads.push({ at: clock.monotonic(), iterator, limit })
      const reply = answer<Reply | 'hang'>(script.records, {})
      return reply === 'hang' ? new Promise(() => {}) : reply
    },
  } as unknown as KinesisClient
  const reader = createPollingReader({
    kinesis,
    stream: 'stream',
    shardId: 'shard',
    checkpoint: 'TRIM_HORIZON',
    clock,
    log: pino({ level: 'silent' }),
    pollIntervalMs: 1_000,
    onExpiredCheckpoint: () => expired++,
    onRead: (result, durationMs) => results.push(`${result} ${durationMs}`),
    ...options,
  })
  return { reader, reads, requests, results, iterators, clock, expired: () => expired }
}
const never = new AbortController().signal
const isForIterator = (input: unknown) => 'ShardId' in (input as object)

t.test('reading begins at the checkpoint-s record again, or somewhere else', async (t) => {
  const starts = { TRIM_HORIZON: 'TRIM_HORIZON', LATEST: 'LATEST', 'AT_TIMESTAMP:7': 'AT_TIMESTAMP' }
  for (const [checkpoint, type] of Object.entries(starts)) {
    const { reader, iterators } = setUp({ records: [{ NextShardIterator: 'next' }] }, { checkpoint })
    await reader.read(never)
    t.strictSame(iterators, [{ type, after: undefined }])
  }
  const { reader, iterators } = setUp({ records: [{ NextShardIterator: 'next' }] }, { checkpoint: '49' })
  await reader.read(never)
  t.strictSame(iterators, [{ type: 'AFTER_SEQUENCE_NUMBER', after: '49' }])
  const inside = setUp({ records: [{ NextShardIterator: 'next' }] }, { checkpoint: '49:2' })
  await inside.reader.read(never)
  t.strictSame(inside.iterators, [{ type: 'AT_SEQUENCE_NUMBER', after: '49' }], 'the aggregate comes again')
})

t.test('a wish for the latest record is renewed later, and loses what came in between', async (t) => {
  const fresh = setUp(
    {
      records: [
        { NextShardIterator: 'next' },
        new ExpiredIteratorException(metadata),
        { NextShardIterator: 'next' },
      ],
    },
    { checkpoint: 'LATEST', pollIntervalMs: 400_000 },
  )
  await fresh.reader.read(never)
  await fresh.reader.read(never)
  t.match(fresh.requests.filter(isForIterator), [
    { ShardIteratorType: 'LATEST' },
    { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(0) },
  ])
  const taken = setUp({ records: [{ NextShardIterator: 'next' }] }, { checkpoint: 'LATEST:-60000' })
  await taken.reader.read(never)
  t.match(taken.requests, [{ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(-60_000) }, {}])
})

t.test('a stream is addressed by its ARN as if that were a name', async (t) => {
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders'
  const byArn = setUp({ records: [{ NextShardIterator: 'next' }] }, { stream: arn })
  await byArn.reader.read(never)
  t.match(byArn.requests, [{ StreamARN: arn }, { StreamARN: arn }])
  const byName = setUp({ records: [{ NextShardIterator: 'next' }] })
  await byName.reader.read(never)
  t.match(byName.requests, [{ StreamName: 'stream' }, { StreamARN: undefined }])
})

t.test('an iterator that has expired ends the shard, or skips or repeats records', async (t) => {
  const { reader, iterators, reads } = setUp({
    records: [
      { Records: [record(1), record(2)], NextShardIterator: 'next' },
      new ExpiredIteratorException(metadata),
      { Records: [record(3)], NextShardIterator: 'next' },
    ],
  })
  await reader.read(never)
  const read = await reader.read(never)
  t.strictSame(
    read?.records.map(({ sequenceNumber }) => sequenceNumber),
    ['3'],
  )
  t.strictSame(iterators[1], { type: 'AFTER_SEQUENCE_NUMBER', after: '2' })
  t.equal(reads[2]?.iterator, 'iterator-2')
})

t.test('throttling, resets and time-outs end the shard, or are repeated without a pause', async (t) => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  const { reader, reads } = setUp({
    records: [reset, reset, new Error('anything'), { Records: [record(1)], NextShardIterator: 'next' }],
  })
  const read = await reader.read(never)
  t.equal(read?.records.length, 1)
  t.equal(reads.length, 4)
  t.ok((reads[3]?.at ?? 0) >= 600, 'at most five calls a second')
})

t.test('a connection that hangs is waited for without end', async (t) => {
  const { reader, reads } = setUp({ records: ['hang', { Records: [record(1)], NextShardIterator: 'next' }] })
  t.equal((await reader.read(never))?.records.length, 1)
  t.ok((reads[1]?.at ?? 0) >= 10_000)
})

t.test('a reader that is throttled goes on as before, or never gets back to its pace', async (t) => {
  const behind = { NextShardIterator: 'next', MillisBehindLatest: 1 }
  const throttle = new ProvisionedThroughputExceededException(metadata)
  const { reader, reads } = setUp({ records: [behind, throttle, throttle, behind] }, { random: () => 0 })
  for (let i = 0; i < 100; i++) await reader.read(never)
  const pauses = reads.map(({ at }, i) => at - (reads[i - 1]?.at ?? 0))
  t.equal(pauses[1], 200, 'five calls a second')
  t.ok(pauses[2] === 399 || pauses[2] === 400, `half of that: ${pauses[2]}`)
  t.ok((pauses[3] ?? 0) < 400 && (pauses[3] ?? 0) > 380, 'both throttles are one, and it rises again')
  t.ok((pauses[12] ?? 0) < (pauses[4] ?? 0))
  t.equal(pauses.at(-1), 200, 'up to the limit')
})

t.test('a read that was throttled, failed or was given up is not counted as what it was', async (t) => {
  const throttle = new ProvisionedThroughputExceededException(metadata)
  const ok = { NextShardIterator: 'next' }
  const { reader, results } = setUp({ records: [ok, throttle, new Error('anything'), 'hang', ok] })
  await reader.read(never)
  await reader.read(never)
  t.strictSame(results, ['read 0', 'throttled 0', 'failed 0', 'failed 10000', 'read 0'])
  const stopping = new AbortController()
  const last = setUp({ records: ['hang'] })
  const reading = last.reader.read(stopping.signal)
  stopping.abort()
  t.equal(await reading, undefined)
  t.strictSame(last.results, [], 'nor is one that a stop ends a failure')
})

t.test(
  'two applications that read one shard starve each other, or are refused most of the time',
  async (t) => {
    const clock = createSimulatedClock(0)
    // As the service says it: 5 calls in a second, whoever makes them.
    let current = { second: 0, calls: 0 }
    const counts = [0, 0]
    let refused = 0
    const random = createRandom(7)
    const readerOf = (application: number) =>
      createPollingReader({
        kinesis: {
          async send(command: unknown) {
            if (command instanceof GetShardIteratorCommand) return { ShardIterator: 'first' }
            const second = Math.floor(clock.now() / 1_000)
            if (second !== current.second) current = { second, calls: 0 }
            if (++current.calls > 5) {
              refused++
              throw new ProvisionedThroughputExceededException(metadata)
            }
            counts[application] = (counts[application] ?? 0) + 1
            return { NextShardIterator: 'next', MillisBehindLatest: 1 }
          },
        },
        stream: 'stream',
        shardId: 'shard',
        checkpoint: 'TRIM_HORIZON',
        clock,
        random: () => random.next(),
        log: pino({ level: 'silent' }),
        pollIntervalMs: 200,
        onRead() {},
        onExpiredCheckpoint() {},
      })
    await Promise.all(
      [0, 1].map(async (application) => {
        const reader = readerOf(application)
        while (clock.now() < 120_000) await reader.read(never)
      }),
    )
    const [first = 0, second = 0] = counts
    t.ok(Math.min(first, second) > 0.25 * (first + second), `${first} and ${second} reads`)
    t.ok(first + second > 0.8 * 5 * 120, 'the shard is used')
    t.ok(refused < 0.15 * (first + second), `${refused} refused`)
  },
)

t.test('a read of large records fills the memory, or one of small records is slow', async (t) => {
  const { reader, reads } = setUp({
    records: [
      { Records: [record(1, 1_000), record(2, 3_000)], NextShardIterator: 'next' },
      { Records: [record(3, 1)], NextShardIterator: 'next' },
      { NextShardIterator: 'next' },
    ],
  })
  for (let i = 0; i < 4; i++) await reader.read(never)
  t.strictSame(
    reads.map(({ limit }) => limit),
    [100, 262, 10_000, 10_000],
  )
})

t.test('an expired checkpoint is silent, or stops the shard for ever', async (t) => {
  const { reader, iterators, expired } = setUp(
    {
      records: [{ Records: [record(9)], NextShardIterator: 'next' }],
      iterators: [new InvalidArgumentException(metadata), 'oldest'],
    },
    { checkpoint: '49' },
  )
  t.equal((await reader.read(never))?.records.length, 1)
  t.equal(expired(), 1)
  t.equal(iterators[1]?.type, 'TRIM_HORIZON')
  t.equal(reader.position(), '9', 'another reader goes on from there')
})

t.test('a reader that is behind waits between reads, or one at the tip does not', async (t) => {
  const behind = setUp({ records: [{ NextShardIterator: 'next', MillisBehindLatest: 60_000 }] })
  for (let i = 0; i < 5; i++) t.match(await behind.reader.read(never), { behindMs: 60_000 })
  t.equal(behind.reads[4]?.at, 800, 'as the five calls a second allow')
  const full = Array.from({ length: 2_500 }, (_, i) => record(i))
  const silent = setUp({ records: [{ Records: full, NextShardIterator: 'next', MillisBehindLatest: 0 }] })
  await silent.reader.read(never)
  await silent.reader.read(never)
  t.equal(silent.reads[1]?.at, 200, 'a full answer is behind, also when the service says 0')
  const tip = setUp({ records: [{ Records: [record(1)], NextShardIterator: 'next' }] })
  for (let i = 0; i < 3; i++) t.match(await tip.reader.read(never), { behindMs: 0 })
  t.equal(tip.reads[2]?.at, 2_000)
})

t.test('a shard is read faster than the 2 MiB a second that it has', async (t) => {
  const mebibyte = { Records: [record(1, 1_048_576)], NextShardIterator: 'next', MillisBehindLatest: 1 }
  const { reader, reads } = setUp({ records: [mebibyte] })
  for (let i = 0; i < 31; i++) await reader.read(never)
  const seconds = (reads[30]?.at ?? 0) / 1_000
  t.ok(seconds >= 10 && seconds < 11, `10 MiB at once, 20 in 10 s: took ${seconds} s`)
})

t.test('the end of a shard is not seen, or its children are not', async (t) => {
  const { reader } = setUp({
    records: [
      { Records: [record(1)], ChildShards: [{ ShardId: 'child', ParentShards: ['shard', 'other'] }] },
    ],
  })
  t.match(await reader.read(never), {
    isShardEnd: true,
    records: [{ sequenceNumber: '1' }],
    children: [{ shardId: 'child', parents: ['shard', 'other'] }],
  })
})

t.test('a stop waits for a service that does not answer', async (t) => {
  const stop = new AbortController()
  const { reader, reads } = setUp({ records: [new Error('down')] })
  const reading = reader.read(stop.signal)
  setTimeout(() => stop.abort(), 5)
  t.equal(await reading, undefined)
  t.ok(reads.length > 0)
})
