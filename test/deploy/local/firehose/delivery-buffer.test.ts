import t from 'tap'
import { createDeliveryBuffer } from '../../../../deploy/local/firehose/delivery-buffer.ts'
import { rawObjectBytes, rawObjectKey } from '../../../../deploy/local/firehose/raw-object.ts'
import { systemClock } from '../../../../lib/clock.ts'
import type { KinesisRecord } from '../../../../lib/kinesis/kinesis-record.ts'

const HOUR_MS = 3_600_000
const record = (text: string, arrivedAt = Date.now()): KinesisRecord => ({
  data: Buffer.from(text),
  partitionKey: 'key',
  sequenceNumber: text,
  arrivedAt,
})
const texts = (records: readonly KinesisRecord[]) => records.map(({ data }) => Buffer.from(data).toString())

function setUp(bufferMs: number, deliver?: () => Promise<void>) {
  const delivered: string[][] = []
  const buffer = createDeliveryBuffer({
    async deliver(records) {
      await deliver?.()
      delivered.push(texts(records))
    },
    bufferMs,
    bufferBytes: 10,
    clock: systemClock,
  })
  return { buffer, delivered }
}

t.test('records are acknowledged before they are stored, or never stored', async (t) => {
  const stored = Promise.withResolvers<void>()
  const { buffer, delivered } = setUp(1, () => stored.promise)
  let isAcknowledged = false
  const appended = buffer.append([record('a')]).then(() => (isAcknowledged = true))
  await systemClock.sleep(20)
  t.equal(isAcknowledged, false)
  stored.resolve()
  await appended
  t.strictSame(delivered, [['a']])
})

t.test('objects grow beyond the limit, or shards do not share them', async (t) => {
  const { buffer, delivered } = setUp(HOUR_MS)
  const first = [buffer.append([record('aaaa')]), buffer.append([record('bbbbbb')])]
  await Promise.all(first)
  t.strictSame(delivered, [['aaaa', 'bbbbbb']])
})

t.test('a stop waits for the buffer to fill', async (t) => {
  const { buffer, delivered } = setUp(HOUR_MS)
  const appended = buffer.append([record('a')])
  buffer.close()
  await appended
  await buffer.append([record('b')])
  t.strictSame(delivered, [['a'], ['b']])
})

t.test('records of an object that was not stored are lost', async (t) => {
  let failures = 1
  const { buffer, delivered } = setUp(1, async () => {
    if (failures-- > 0) throw new Error('no bucket')
  })
  await t.rejects(buffer.append([record('a')]), { message: 'no bucket' })
  await buffer.append([record('a')])
  t.strictSame(delivered, [['a']])
})

t.test('an object lies in the hour of its newest record, or of another zone', async (t) => {
  const oldest = Date.UTC(2026, 10, 3, 23, 59, 58)
  const key = rawObjectKey([record('b', oldest + 5_000), record('a', oldest)])
  t.match(key, /^dt=2026-11-03\/hr=23\/roadpulse-raw-1-2026-11-03-23-59-58-[0-9a-f-]{36}\.gz$/)
})

t.test('records are separated by what they do not contain, or all come twice', async (t) => {
  const records = Array.from({ length: 1_000 }, (_, i) => record(`${i}\n`))
  t.equal(rawObjectBytes([record('a'), record('b')], 0).toString(), 'ab')
  const lines = rawObjectBytes(records, 0.1).toString().trimEnd().split('\n')
  t.equal(new Set(lines).size, 1_000)
  t.ok(lines.length > 1_050 && lines.length < 1_150, `${lines.length} lines`)
  t.equal(
    rawObjectBytes(records, 0.1).toString(),
    rawObjectBytes(records, 0.1).toString(),
    'the same every time',
  )
})
