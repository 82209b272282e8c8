import { createHash } from 'node:crypto'
import t from 'tap'
import { createDeaggregatingReader } from '../../../lib/kinesis/deaggregating-reader.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { positionOf } from '../../../lib/kinesis/position.ts'
import { encodeAggregate } from '../../support/encode-aggregate.ts'

function aggregate(...parts: string[]): Uint8Array {
  return encodeAggregate(parts.map((part) => ({ partitionKey: 'k', data: Buffer.from(part) })))
}

function seal(message: Buffer): Buffer {
  const digest = createHash('md5').update(message).digest()
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, digest])
}

function record(sequenceNumber: string, data: Uint8Array | string): KinesisRecord {
  return { data: Buffer.from(data), partitionKey: 'put', sequenceNumber, arrivedAt: 7 }
}

/** What a reader from `checkpoint` on gives for `records`. */
async function readFrom(checkpoint: string, ...records: KinesisRecord[]) {
  const read = { records, behindMs: 1, isShardEnd: true, children: [] }
  const reader = createDeaggregatingReader({ read: async () => read }, checkpoint)
  const given = await reader.read(new AbortController().signal)
  if (given === undefined) throw new Error('nothing was read')
  return given.records
}

const textsOf = (records: readonly KinesisRecord[]) => records.map(({ data }) => Buffer.from(data).toString())

t.test('a checkpoint inside an aggregate repeats its first parts, or loses its last', async (t) => {
  const put = [record('49', aggregate('a', 'b', 'c')), record('50', 'd')]
  t.strictSame(textsOf(await readFrom('49:0', ...put)), ['b', 'c', 'd'])
  t.strictSame(textsOf(await readFrom('49:2', ...put)), ['d'])
  t.strictSame((await readFrom('49:1', ...put)).map(positionOf), ['49:2', '50'])
})

t.test('the end of a shard is forgotten when its records come apart', async (t) => {
  const end = { records: [], behindMs: 7, isShardEnd: true, children: [{ shardId: 'child', parents: [] }] }
  const reader = createDeaggregatingReader({ read: async () => end }, '49')
  t.strictSame(await reader.read(new AbortController().signal), end)
})

t.test('records of a stream that was made anew are dropped for their small sequence numbers', async (t) => {
  t.strictSame(textsOf(await readFrom('49:1', record('3', aggregate('a', 'b')))), ['a', 'b'])
  t.strictSame(textsOf(await readFrom('TRIM_HORIZON', record('3', aggregate('a', 'b')))), ['a', 'b'])
})

t.test('what is like an aggregate and is not is lost', async (t) => {
  const groupField = seal(Buffer.from([0x0a, 1, 0x6b, 0x1b]))
  const withoutIndex = seal(Buffer.from([0x0a, 1, 0x6b, 0x1a, 3, 0x1a, 1, 0x61]))
  const withoutData = seal(Buffer.from([0x0a, 1, 0x6b, 0x1a, 2, 0x08, 0]))
  const cutOff = seal(Buffer.from([0x0a, 1, 0x6b, 0x1a, 5, 0x08, 0, 0x1a, 9, 0x61]))
  const withoutRecords = seal(Buffer.from([0x0a, 1, 0x6b]))
  for (const data of [groupField, withoutIndex, withoutData, cutOff, withoutRecords]) {
    const raw = record('49', data)
    t.strictSame(await readFrom('48', raw), [raw])
  }
})

t.test('fields that nobody knows yet, and tags, make an aggregate unreadable', async (t) => {
  const tag = [0x22, 3, 0x0a, 1, 0x74]
  const message = [
    0x0a,
    1,
    0x6b,
    0x28,
    0x85,
    1,
    0x31,
    ...Array(8).fill(0),
    0x3d,
    0,
    0,
    0,
    0,
    0x1a,
    10,
    0x08,
    0,
    ...tag,
  ]
  const records = await readFrom('48', record('49', seal(Buffer.from([...message, 0x1a, 1, 0x61]))))
  t.match(records, [{ partitionKey: 'k', sequenceNumber: '49', subSequenceNumber: 0, arrivedAt: 7 }])
  t.strictSame(textsOf(records), ['a'])
})

t.test('an aggregate that names a key that it lacks is given to handlers, whole or in part', async (t) => {
  const badIndex = seal(
    Buffer.from([0x0a, 1, 0x6b, 0x1a, 5, 0x08, 0, 0x1a, 1, 0x61, 0x1a, 5, 0x08, 1, 0x1a, 1, 0x62]),
  )
  const badHashKey = seal(Buffer.from([0x0a, 1, 0x6b, 0x1a, 7, 0x08, 0, 0x10, 0, 0x1a, 1, 0x61]))
  for (const data of [badIndex, badHashKey]) {
    const raw = record('49', data)
    const records = await readFrom('48', raw)
    t.equal(records.length, 1)
    t.match(records, [{ ...raw, damage: String }])
  }
})
