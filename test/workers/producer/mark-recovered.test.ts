import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import t from 'tap'
import type { Feed } from '../../../lib/feeds/feed.ts'
import { writeLetters } from '../../../lib/sources/letters-source.ts'
import { createMarkRecovered } from '../../../workers/producer/mark-recovered.ts'

type Input = { Key: string; Body?: string | Buffer; IfMatch?: string }

/** An S3 that keeps what is put. */
function createBucket() {
  const objects = new Map<string, Buffer>()
  async function send({ input }: { input: Input }) {
    if (input.Body !== undefined) objects.set(input.Key, Buffer.from(input.Body))
    const bytes = objects.get(input.Key)
    const etag = `"${createHash('md5')
      .update(bytes ?? '')
      .digest('hex')}"`
    if (bytes === undefined) throw Object.assign(new Error('gone'), { $metadata: { httpStatusCode: 404 } })
    return { ETag: etag, ContentLength: bytes.length, Body: { transformToByteArray: async () => bytes } }
  }
  return { objects, s3: { send } as unknown as S3Client }
}

async function setUp() {
  const { objects, s3 } = createBucket()
  const letters = ['a', 'b', 'b'].map((key, index) => ({ place: { key, index }, bytes: Buffer.from('x') }))
  const { bytes, ...list } = await writeLetters(s3, { bucket: 'source', key: 'list' }, letters, {})
  const source = { kind: 'dead-letters', origin: 'row', list, letters: 3, bytes } as const
  const unknown: unknown[] = []
  const mark = createMarkRecovered({
    s3,
    bucket: 'dead',
    onUnknown: (error) => unknown.push(error),
    clock: { now: () => 7 },
  })
  const marks = () =>
    [...objects].filter(([key]) => key !== 'list').map(([key, body]) => [key, JSON.parse(String(body))])
  return {
    objects,
    marks,
    unknown,
    mark: (sent: number) => mark({ name: 'recovery-1', source } as Feed, sent),
  }
}

t.test('a letter is marked that was not fed in, or one is not that was', async (t) => {
  const { marks, mark } = await setUp()
  await mark(0)
  t.same(marks(), [])
  await mark(2)
  t.same(marks(), [
    ['done/a/recovery-1.json', { recovery: 'recovery-1', at: 7, lines: [0] }],
    ['done/b/recovery-1.json', { recovery: 'recovery-1', at: 7, lines: [1] }],
  ])
  await mark(3)
  t.match(marks()[1], ['done/b/recovery-1.json', { lines: [1, 2] }])
})

t.test('a recovery whose list is gone never ends, or ends without a word', async (t) => {
  const { objects, unknown, mark } = await setUp()
  objects.delete('list')
  await mark(0)
  t.same(unknown, [], 'nothing was to be marked')
  await mark(2)
  t.match(unknown, [{ code: 'SOURCE_MISSING' }])
})
