import { gunzipSync } from 'node:zlib'
import type { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import { createDeadLetterStore } from '../../../lib/dead-letters/dead-letter-store.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

const AT = Date.UTC(2026, 10, 3, 7, 5)

function setUp(failure?: Error) {
  const objects = new Map<string, string>()
  const s3 = {
    async send({ input }: PutObjectCommand) {
      if (failure !== undefined) throw failure
      objects.set(`${input.Bucket}/${input.Key}`, gunzipSync(input.Body as Buffer).toString())
    },
  } as unknown as S3Client
  return { store: createDeadLetterStore({ s3, bucket: 'letters', clock: createSimulatedClock(AT) }), objects }
}

t.test('dead letters cannot be found by origin and hour, or cannot be read back', async (t) => {
  const { store, objects } = setUp()
  const bytes = Buffer.from([0xff, 0x00, 0x0a])
  await store.put([
    { origin: 'row', reason: 'quotes', bytes, feed: 'live-1', seq: 3, line: 4 },
    { origin: 'handler', reason: 'no', bytes, shardId: 'shard', sequenceNumber: '1', epoch: 2 },
    { origin: 'row', reason: 'fields', bytes },
  ])
  const [handler, row] = [...objects].sort(([a], [b]) => (a < b ? -1 : 1))
  t.match(row?.[0], /^letters\/origin=row\/dt=2026-11-03\/hr=07\/[0-9a-z]+-[0-9a-f]+\.jsonl\.gz$/)
  t.match(handler?.[0], /^letters\/origin=handler\//)
  const lines = row?.[1]
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  t.strictSame(lines, [
    { origin: 'row', reason: 'quotes', feed: 'live-1', seq: 3, line: 4, storedAt: AT, bytesBase64: '/wAK' },
    { origin: 'row', reason: 'fields', storedAt: AT, bytesBase64: '/wAK' },
  ])
})

t.test('a second object of the same moment replaces the first', async (t) => {
  const { store, objects } = setUp()
  const letter = { origin: 'row', reason: 'quotes', bytes: new Uint8Array() } as const
  await Promise.all([store.put([letter]), store.put([letter])])
  t.equal(objects.size, 2)
})

t.test('a store that is down is taken for a bad record', async (t) => {
  const { store } = setUp(new Error('no bucket'))
  const put = store.put([{ origin: 'row', reason: 'quotes', bytes: new Uint8Array() }])
  await t.rejects(put, { code: 'DEAD_LETTER_STORE_DOWN', retryable: true })
})
