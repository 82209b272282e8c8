import t from 'tap'
import type { FeedPlan } from '../../../lib/feeds/feed.ts'
import { utcStart } from '../../../lib/rules/utc-start.ts'
import { emittableRows, generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'

const HEADER = 'ID,Severity,Start_Time,Start_Lat,Start_Lng,State,Timezone'
const servers = await startProducerServers(t)

/** An accident `seconds` after ten o'clock in its own zone. */
function rowOf(id: string, seconds: number, zone = 'US/Central'): string {
  const start = new Date(Date.UTC(2022, 0, 5, 10, 0, seconds)).toISOString().slice(0, 19).replace('T', ' ')
  return `${id},2,${start},30,-90,TX,${zone}`
}

t.test('accidents do not come in the order and at the distances in which they happened', async (t) => {
  const { start, readEvents, readDeadLetters } = await servers.prepare(t, 'speed')
  const rows = [
    rowOf('late', 240),
    rowOf('first', 0),
    rowOf('east', 3_630, 'US/Eastern'),
    'not,a,row',
    rowOf('left-out', 4_000),
    rowOf('middle', 120),
    rowOf('nowhere', 10, 'Mars/North'),
  ]
  const source = await servers.putSource('mixed.csv', `${[HEADER, ...rows].join('\n')}\n`)
  const plan: FeedPlan = {
    source,
    pace: { kind: 'speed', factor: 40 },
    repeat: false,
    filter: { ids: ['late', 'first', 'east', 'middle', 'nowhere'] },
  }
  await servers.store.create('replay-speed', plan)
  start({})
  await servers.waitForState('replay-speed', 'finished')
  const events = (await readEvents('replay-speed')).toSorted((a, b) => a.event_time - b.event_time)
  t.equal(events[0]?.id, 'nowhere', 'what has no time comes first')
  const timed = events.slice(1)
  t.same(
    timed.map(({ id }) => id),
    ['first', 'east', 'middle', 'late'],
  )
  const begin = timed[0]?.event_time ?? 0
  const starts = timed.map((event) => utcStart(event) ?? 0)
  timed.forEach((event, i) => {
    const wanted = ((starts[i] ?? 0) - (starts[0] ?? 0)) / 40
    const delay = event.event_time - begin - wanted
    t.ok(delay >= -5 && delay < 500, `${event.id} came ${delay} ms late`)
  })
  t.match(await servers.store.counts('replay-speed'), { read: 7, emitted: 5, filtered: 1, refused: 1 })
  t.match(await readDeadLetters(), [{ line: 5, offset: Number, reason: /3 fields/ }])
  await t.rejects(servers.store.setPace('replay-speed', { kind: 'max' }), { code: 'FEED_STATE' })
})

t.test('a feed by time that is resumed sends a row twice or not at all, or sorts again', async (t) => {
  const FILE = { seed: 12, rows: 4_000, rate: 50 }
  const { start, readEvents } = await servers.prepare(t, 'speed-resumed')
  const source = await servers.putSource('generated.csv', await generate(FILE))
  // Two days in nine seconds.
  const factor = 20_000
  await servers.store.create('replay-fast', { source, pace: { kind: 'speed', factor }, repeat: false })
  const first = start({ REPLAY_SHARE: '1' })
  await servers.waitForRows('replay-fast', 200)
  first.child.kill('SIGTERM')
  await first.ended
  const { read } = await servers.store.counts('replay-fast')
  t.ok(read < FILE.rows, `${read} rows before the stop`)
  start({ REPLAY_SHARE: '1' })
  const { store } = servers
  await store.setPace('replay-fast', { kind: 'speed', factor: factor * 100 })
  await servers.waitForState('replay-fast', 'finished')
  const events = await readEvents('replay-fast')
  t.equal(events.length, emittableRows(FILE).length)
  t.equal(new Set(events.map(({ seq }) => seq)).size, events.length)
  t.match(await store.progress('replay-fast'), { preparing: undefined, bytesRead: source.bytes })
  const times = events.toSorted((a, b) => a.seq - b.seq).map((event) => utcStart(event) ?? 0)
  t.same(times.slice(1).filter((at, i) => at < (times[i] ?? 0)).length, 0, 'by their starts')
})

t.test('a feed that is cancelled while its source is sorted goes on sorting', async (t) => {
  const { start } = await servers.prepare(t, 'speed-cancelled')
  const csv = await generate({ seed: 13, rows: 60_000, rate: 50 })
  const source = await servers.putSource('long.csv', csv)
  await servers.store.create('replay-long', { source, pace: { kind: 'speed', factor: 1 }, repeat: false })
  start({})
  const isPreparing = async () => (await servers.store.progress('replay-long')).preparing !== undefined
  await waitFor('it is sorted', isPreparing, { deadlineMs: 20_000, intervalMs: 10 })
  await servers.store.cancel('replay-long')
  await servers.waitForState('replay-long', 'cancelled')
  t.match(await servers.store.counts('replay-long'), { read: 0, emitted: 0 })
  t.notOk(await isPreparing())
})
