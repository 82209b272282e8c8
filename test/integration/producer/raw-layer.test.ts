import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { FeedPlan } from '../../../lib/feeds/feed.ts'
import { freezeSource, type WantedSource } from '../../../lib/sources/freeze-source.ts'
import { startProducerServers } from '../../support/producers.ts'

const HOURS: WantedSource = { kind: 'raw-layer', from: '2026-11-23T23', to: '2026-11-24T00', feeds: 'live' }

const servers = await startProducerServers(t)

function eventOf(seq: number, feed = 'live-7') {
  return { feed, seq, attempt: 1, event_time: 1_000, emitted_at: 1_000, id: `A-${seq}`, state: 'TX' }
}

const line = (seq: number, feed?: string) => `${JSON.stringify(eventOf(seq, feed))}\n`

t.test(
  'a replay of the raw layer follows itself, or sends repeats, replays or what was never an event',
  async (t) => {
    const { start, putRaw, readEvents, readDeadLetters, freeze } = await servers.prepare(t, 'raw-layer')
    await putRaw('dt=2026-11-23/hr=22/before.gz', gzipSync(line(1)))
    await putRaw('dt=2026-11-23/hr=23/a.gz', gzipSync(line(2) + line(3) + line(2) + line(1, 'replay-a')))
    await putRaw('dt=2026-11-24/hr=00/b', `${line(4).trim()}${line(3)}rubbish\n{"feed":"live-7"}\n${line(5)}`)
    const plan: Omit<FeedPlan, 'source'> = { pace: { kind: 'max' }, repeat: false }
    const source = await freezeSource(freeze, HOURS, 'one')
    await putRaw('dt=2026-11-24/hr=00/c', line(6))

    await servers.store.create('replay-one', { ...plan, source })
    const producer = start({})
    await servers.waitForState('replay-one', 'finished')
    const events = (await readEvents('replay-one')).toSorted((a, b) => a.seq - b.seq)
    t.same(
      events.map(({ id, seq, attempt }) => [id, seq, attempt]),
      [
        ['A-2', 1, 1],
        ['A-3', 2, 1],
        ['A-4', 5, 1],
        ['A-5', 9, 1],
      ],
    )
    t.ok(events.every((event) => event.event_time > 1_000 && event['state'] === 'TX'))
    t.same(await servers.store.counts('replay-one'), {
      read: 9,
      emitted: 4,
      filtered: 3,
      refused: 2,
      recovered: 0,
    })
    const letters = (await readDeadLetters()).toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
    t.match(letters, [
      { origin: 'row', seq: 7, reason: 'is not a JSON object', line: 2, file: /hr=00\/b$/ },
      { origin: 'row', seq: 8, reason: /no usable seq, attempt/ },
    ])
    const { bytesRead } = await servers.store.progress('replay-one')
    t.equal(bytesRead, source.bytes)

    const all = await freezeSource(freeze, { ...HOURS, feeds: 'all' }, 'two')
    const filter = { ids: ['A-1', 'A-6'] }
    await servers.store.create('replay-two', { ...plan, source: all, filter })
    await servers.waitForState('replay-two', 'finished')
    const ids = (await readEvents('replay-two')).map(({ id }) => id)
    t.same(new Set(ids), new Set(['A-1', 'A-6']), 'another list, with what replays had sent')
    producer.child.kill('SIGTERM')
    t.equal(await producer.ended, 0)
  },
)

t.test('a replay of the raw layer that is resumed sends what it had sent, as a repeat', async (t) => {
  const { start, putRaw, readEvents, freeze } = await servers.prepare(t, 'raw-resumed')
  const lines = Array.from({ length: 2_000 }, (_, i) => line((i % 1_000) + 1))
  await putRaw('dt=2026-11-24/hr=00/a.gz', gzipSync(lines.join('')))
  const source = await freezeSource(freeze, HOURS, 'three')
  await servers.store.create('replay-three', {
    source,
    pace: { kind: 'rate', rowsPerSecond: 400 },
    repeat: false,
  })
  const first = start({})
  await servers.waitForRows('replay-three', 300)
  first.child.kill('SIGTERM')
  await first.ended
  start({})
  await servers.waitForState('replay-three', 'finished')
  t.match(await servers.store.counts('replay-three'), { read: 2_000, emitted: 1_000, filtered: 1_000 })
  t.equal((await readEvents('replay-three')).length, 1_000)
})

t.test('a source that is not there, or is none, becomes a feed', async (t) => {
  const { freeze } = await servers.prepare(t, 'no-source')
  await servers.putSource('columns.csv', 'ID,Severity,State\nA-1,2,OH\n')
  const csv = (uri: string) => freezeSource(freeze, { kind: 'csv', uri }, 'four')
  await t.rejects(csv('s3://source/columns.csv'), { code: 'SOURCE_COLUMNS_MISSING' })
  await t.rejects(csv('s3://source/absent.csv'), { code: 'SOURCE_MISSING' })
  await t.rejects(csv('s3://nowhere/absent.csv'), { code: 'SOURCE_MISSING' })
  const nothing = { code: 'SOURCE_MISSING', message: /nothing in s3:\/\/raw-no-source of the hours/ }
  await t.rejects(freezeSource(freeze, HOURS, 'five'), nothing)
})
