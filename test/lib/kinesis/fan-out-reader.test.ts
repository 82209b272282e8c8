import {
  type KinesisClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type StartingPosition,
} from '@aws-sdk/client-kinesis'
import { pino } from 'pino'
import t from 'tap'
import type { Clock } from '../../../lib/clock.ts'
import { createFallbackReader } from '../../../lib/kinesis/fallback-reader.ts'
import { createFanOutReader } from '../../../lib/kinesis/fan-out-reader.ts'
import type { ReplaceableReader, ShardRead } from '../../../lib/kinesis/shard-reader.ts'
import { createStreamConsumer } from '../../../lib/kinesis/stream-consumer.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

type Event = { records?: number[]; continuation?: number | null; children?: string[] }
/** What one subscription does: its events in order, then it ends, fails or stays open without a word. */
type Script = Error | { events: Event[]; after: 'end' | 'silence' | Error }

const metadata = { $metadata: {}, message: '' }
const never = new AbortController().signal
const hang = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

function setUp(subscriptions: Script[], checkpoint = 'TRIM_HORIZON') {
  const clock = createSimulatedClock(0)
  const starts: { at: number; from: StartingPosition | undefined }[] = []
  const signals: AbortSignal[] = []
  let taken = 0

  async function* eventsOf(script: Exclude<Script, Error>, signal: AbortSignal) {
    for (const { records = [], continuation, children = [] } of script.events) {
      taken++
      yield {
        SubscribeToShardEvent: {
          Records: records.map((number) => ({ SequenceNumber: `${number}`, Data: new Uint8Array() })),
          ContinuationSequenceNumber: continuation === null ? undefined : `${continuation ?? records.at(-1)}`,
          MillisBehindLatest: 3,
          ChildShards: children.map((ShardId) => ({ ShardId, ParentShards: ['shard'] })),
        },
      }
    }
    if (script.after === 'silence') await hang(signal)
    if (script.after instanceof Error) throw script.after
  }

  const kinesis = {
    async send(
      { input }: { input: { StartingPosition?: StartingPosition } },
      call: { abortSignal: AbortSignal },
    ) {
      starts.push({ at: clock.monotonic(), from: input.StartingPosition })
      signals.push(call.abortSignal)
      const script = subscriptions.shift()
      if (script === undefined) return hang(call.abortSignal)
      if (script instanceof Error) throw script
      return { EventStream: eventsOf(script, call.abortSignal) }
    },
  } as unknown as KinesisClient
  const open = (checkpoint: string) =>
    createFanOutReader({ kinesis, consumerArn: async () => 'arn', shardId: 'shard', checkpoint, clock })
  return { reader: open(checkpoint), open, clock, starts, signals, taken: () => taken }
}

const numbersOf = (read: ShardRead | undefined) =>
  read?.records.map(({ sequenceNumber }) => Number(sequenceNumber))

t.test(
  'a subscription that ends after its 5 minutes ends the shard, or its renewal skips or repeats',
  async (t) => {
    const { reader, starts, signals } = setUp(
      [
        { events: [{ records: [1, 2] }, { continuation: 5 }], after: 'end' },
        { events: [{ records: [6] }], after: 'silence' },
      ],
      '0:3',
    )
    t.strictSame(numbersOf(await reader.read(never)), [1, 2])
    t.match(await reader.read(never), { records: [], behindMs: 3, isShardEnd: false })
    t.strictSame(numbersOf(await reader.read(never)), [6])
    t.match(starts, [
      { from: { Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: '0' } },
      { from: { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: '5' }, at: 0 },
    ])
    t.ok(signals[0]?.aborted, 'the connection of the first is closed')
    t.notOk(signals[1]?.aborted)
  },
)

t.test('the end of a shard is not seen, or its last records or its children are not', async (t) => {
  const named = setUp([
    { events: [{ records: [1], continuation: null, children: ['a', 'b'] }], after: 'end' },
  ])
  const children = ['a', 'b'].map((shardId) => ({ shardId, parents: ['shard'] }))
  t.match(await named.reader.read(never), { records: [{}], isShardEnd: true, children })
  const unnamed = setUp([{ events: [{ continuation: null }], after: 'end' }])
  t.match(await unnamed.reader.read(never), { isShardEnd: true, children: [] })
})

t.test('a stream without events is waited for as long as it is open', async (t) => {
  const { reader, clock, signals } = setUp([{ events: [{ records: [1] }], after: 'silence' }])
  await reader.read(never)
  await t.rejects(reader.read(never), { code: 'DEADLINE_EXCEEDED' })
  t.equal(clock.monotonic(), 35_000)
  t.ok(signals[0]?.aborted)
  t.equal(reader.position(), '1')
})

t.test('a call for a subscription that hangs is waited for without end', async (t) => {
  const { reader, clock } = setUp([])
  await t.rejects(reader.read(never), { code: 'DEADLINE_EXCEEDED' })
  t.equal(clock.monotonic(), 10_000)
})

t.test('a subscription that ends without a word is renewed without a pause', async (t) => {
  const { reader } = setUp([{ events: [], after: 'end' }])
  await t.rejects(reader.read(never), { code: 'FAN_OUT_UNAVAILABLE' })
})

t.test('events are taken from the connection before they are asked for', async (t) => {
  const events = Array.from({ length: 100 }, (_, i) => ({ records: [i] }))
  const { reader, taken } = setUp([{ events, after: 'silence' }])
  await reader.read(never)
  await reader.read(never)
  t.equal(taken(), 2)
})

t.test('a stop leaves the shard subscribed, so that its next owner is refused', async (t) => {
  const { reader, signals } = setUp([{ events: [{ records: [1] }], after: 'silence' }])
  const stop = new AbortController()
  await reader.read(stop.signal)
  const reading = reader.read(stop.signal)
  stop.abort()
  t.equal(await reading, undefined)
  t.ok(signals[0]?.aborted)

  const busy = setUp([{ events: [{ records: [1] }], after: 'silence' }])
  const stopWhileBusy = new AbortController()
  await busy.reader.read(stopWhileBusy.signal)
  stopWhileBusy.abort()
  t.ok(busy.signals[0]?.aborted, 'also while nobody reads')
})

/** A way to read that gives one record a call, each once, from 1 up to what `limit` says, then waits. */
function createCountingReader(checkpoint: string, limit: () => number, clock: Clock) {
  let position = checkpoint
  const reader: ReplaceableReader = {
    async read(signal) {
      while (!signal.aborted) {
        const next = position === 'TRIM_HORIZON' ? 1 : Number(position) + 1
        if (next <= limit()) {
          position = `${next}`
          const record = { data: new Uint8Array(), partitionKey: '', sequenceNumber: position, arrivedAt: 0 }
          return { records: [record], behindMs: 0, isShardEnd: false, children: [] }
        }
        await clock.sleep(200, signal)
      }
      return undefined
    },
    position: () => position,
  }
  return reader
}

t.test('a change between fan-out and polling loses records, repeats them or mixes them up', async (t) => {
  const inUse = new ResourceInUseException(metadata)
  const { open, clock, starts } = setUp([
    { events: [{ records: [1] }, { records: [2] }], after: new Error('reset') },
    inUse,
    inUse,
    { events: [{ records: [6, 7] }], after: 'silence' },
    { events: [{ records: [9] }], after: 'silence' },
  ])
  const changes: string[] = []
  let limit = 2
  const reader = createFallbackReader({
    openPreferred: open,
    openFallback: (checkpoint) => createCountingReader(checkpoint, () => limit, clock),
    checkpoint: 'TRIM_HORIZON',
    onChange: (to) => changes.push(to),
    clock,
    random: () => 0.5,
    log: pino({ level: 'silent' }),
  })
  const seen: number[] = []
  const readUntil = async (last: number) => {
    while (seen.at(-1) !== last) seen.push(...(numbersOf(await reader.read(never)) ?? []))
  }
  await readUntil(2)
  limit = 5
  await readUntil(5)
  t.strictSame(changes, ['fallback'])
  await readUntil(7)
  t.strictSame(changes, ['fallback', 'preferred'])
  limit = 8
  await readUntil(9)
  t.strictSame(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9])
  t.strictSame(changes, ['fallback', 'preferred', 'fallback', 'preferred'], 'also after a silence')
  t.match(
    starts.map(({ from }) => from?.SequenceNumber),
    [undefined, '5', '5', '5', '8'],
  )
  const at = starts.map((start) => start.at)
  t.ok((at[1] ?? 0) >= 1_000, 'a second at least')
  t.ok((at[2] ?? 0) - (at[1] ?? 0) > (at[1] ?? 0), 'and longer each time')
  t.equal((at[4] ?? 0) - (at[3] ?? 0), 36_500, 'after 35 s of silence, and the first pause again')
})

t.test('a fallback that cannot read either keeps the reader from ever coming back', async (t) => {
  const { open, clock } = setUp([new Error('refused'), { events: [{ records: [1] }], after: 'silence' }])
  const reader = createFallbackReader({
    openPreferred: open,
    openFallback: (checkpoint) => ({
      async read(signal) {
        await hang(signal).catch(() => {})
        return undefined
      },
      position: () => checkpoint,
    }),
    checkpoint: 'TRIM_HORIZON',
    onChange() {},
    clock,
    log: pino({ level: 'silent' }),
  })
  t.strictSame(numbersOf(await reader.read(never)), [1])
})

t.test('each shard registers the application anew, or one failure is kept for ever', async (t) => {
  const calls: string[] = []
  let consumer: { ConsumerARN: string; ConsumerStatus: string } | undefined
  const kinesis = {
    async send(command: {
      constructor: { name: string }
      input: { ConsumerName?: string; StreamARN?: string }
    }) {
      calls.push(command.constructor.name)
      if (command.constructor.name === 'DescribeStreamSummaryCommand') {
        return { StreamDescriptionSummary: { StreamARN: 'arn:stream' } }
      }
      t.match(command.input, { ConsumerName: 'app', StreamARN: 'arn:stream' })
      if (command.constructor.name === 'DescribeStreamConsumerCommand') {
        if (consumer === undefined) throw new ResourceNotFoundException(metadata)
        return { ConsumerDescription: consumer }
      }
      consumer = { ConsumerARN: 'arn:consumer', ConsumerStatus: 'CREATING' }
      return { Consumer: consumer }
    },
  } as unknown as KinesisClient
  const registration = createStreamConsumer({ kinesis, stream: 'stream', consumerName: 'app' })
  const arn = () => registration.arn(never)
  await t.rejects(Promise.all([arn(), arn()]), { code: 'FAN_OUT_UNAVAILABLE' }, 'not active yet')
  t.equal(calls.filter((name) => name === 'RegisterStreamConsumerCommand').length, 1)
  consumer = { ConsumerARN: 'arn:consumer', ConsumerStatus: 'ACTIVE' }
  t.strictSame(await Promise.all([arn(), arn()]), ['arn:consumer', 'arn:consumer'])
  t.equal(calls.filter((name) => name === 'DescribeStreamConsumerCommand').length, 2, 'they share the answer')
  consumer = undefined
  await t.rejects(arn(), { code: 'FAN_OUT_UNAVAILABLE' }, 'somebody has removed it')
  t.equal(calls.filter((name) => name === 'RegisterStreamConsumerCommand').length, 2)
})
