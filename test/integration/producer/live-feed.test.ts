import t from 'tap'
import { plantedIn } from '../../../deploy/local/generator/planted-in.ts'
import { readHeartbeats } from '../../../lib/process/heartbeat.ts'
import { emittableRows, generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'

const FILE = { seed: 3, rows: 6_000, rate: 50 }

const servers = await startProducerServers(t)
await servers.putSource('a.csv', await generate(FILE))

t.test('every row of a feed is on the stream once, or in the dead letters with its reason', async (t) => {
  const { start, readDeadLetters, checkFeed } = await servers.prepare(t, 'whole')
  const producer = start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_LATENESS_SHARE: '0.1' })
  await servers.waitForState('live-1', 'finished')
  const events = await checkFeed(t, 'live-1', FILE)
  t.equal(events.length, emittableRows(FILE).length, 'nothing was sent twice')
  t.match(events[0], { feed: 'live-1', attempt: 1, event_time: Number, emitted_at: Number, id: /^A-/ })
  const late = events.filter((event) => event.emitted_at - event.event_time > 1_000).length
  t.ok(Math.abs(late / events.length - 0.1) < 0.02, 'the wanted share is dated back')

  const planted = plantedIn(FILE)
  const letters = await readDeadLetters()
  const seqs = (origin: string) =>
    letters
      .filter((letter) => letter.origin === origin)
      .map(({ seq = 0 }) => seq)
      .sort((a, b) => a - b)
  t.same(
    seqs('row'),
    planted.unreadable.map(({ seq }) => seq),
  )
  t.same(seqs('oversize'), planted.oversize)
  t.match(letters[0], { reason: String, file: 's3://source/a.csv', line: Number, offset: Number })

  const progress = { rows: FILE.rows, emitted: events.length }
  await waitFor(
    'the heartbeat tells the progress',
    async () =>
      (await readHeartbeats(servers.redis)).some((beat) => beat.progress['emitted'] === progress.emitted),
    { deadlineMs: 5_000 },
  )
  t.match(await readHeartbeats(servers.redis), [{ kind: 'producer', progress }])
  producer.child.kill('SIGTERM')
  t.equal(await producer.ended, 0)
})

t.test('a feed that repeats is followed by the next one, and rows may be limited', async (t) => {
  const { start, checkFeed } = await servers.prepare(t, 'repeated')
  start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_REPEAT: 'true', LIVE_ROWS: '300' })
  await servers.waitForState('live-3', 'finished')
  await checkFeed(t, 'live-2', FILE)
  t.equal((await servers.store.counts('live-2')).read, 300)
})

t.test('only what the filter takes is on the stream, and a wrong filter stops the start', async (t) => {
  const { start, readEvents } = await servers.prepare(t, 'filtered')
  const wrong = start({
    LIVE_SOURCE: 's3://source/a.csv',
    LIVE_FILTER: '{"states": ["Texas"], "severities": [7]}',
  })
  t.equal(await wrong.ended, 2)

  start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_FILTER: '{"states": ["CA", "TX"], "severities": [2]}' })
  await servers.waitForState('live-1', 'finished')
  const events = await readEvents('live-1')
  t.same([...new Set(events.map((event) => [event['state'], event['severity']].join(' ')))].sort(), [
    'CA 2',
    'TX 2',
  ])
  const { read, emitted, filtered, refused } = await servers.store.counts('live-1')
  t.equal(read, FILE.rows)
  t.equal(emitted, events.length)
  t.equal(filtered, read - emitted - refused)
  t.ok(emitted > 100 && filtered > emitted)
})

t.test('a producer that starts again after the end of its feed does not replay it', async (t) => {
  const { start, checkFeed } = await servers.prepare(t, 'again')
  for (const _ of [1, 2]) {
    const producer = start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_ROWS: '300' })
    await waitFor('the feed is known', () => producer.log.some(({ msg }) => msg === 'live feed'), {
      deadlineMs: 20_000,
    })
    await servers.waitForState('live-1', 'finished')
    producer.child.kill('SIGTERM')
    t.equal(await producer.ended, 0)
  }
  t.equal((await servers.store.list({ limit: 10 })).feeds.length, 1)
  t.equal((await checkFeed(t, 'live-1', FILE)).length, (await servers.store.counts('live-1')).emitted)
})

t.test('a source that cannot be replayed fails its feed and says all that is wrong', async (t) => {
  const { start } = await servers.prepare(t, 'failing')
  await servers.putSource('columns.csv', 'ID,Severity,State\nA-1,2,OH\n')
  const producer = start({ LIVE_SOURCE: 's3://source/columns.csv' })
  await servers.waitForState('live-1', 'failed')
  t.match(await servers.store.live(), { message: /lacks the columns Start_Time, Start_Lat, Start_Lng/ })
  producer.child.kill('SIGTERM')
  t.equal(await producer.ended, 0)

  const header = (await generate({ ...FILE, rows: 0 })).toString()
  await servers.putSource('rubbish.csv', `${header}${'not,a,row\n'.repeat(2_000)}`)
  start({ LIVE_SOURCE: 's3://source/rubbish.csv' })
  await servers.waitForState('live-2', 'failed')
  const message = /of the first \d+ rows .* cannot be read, for example line 2: has 3 fields/
  t.match(await servers.store.live(), { message })
  const { read, refused } = await servers.store.counts('live-2')
  t.ok(refused > 200 && refused <= 1_000)
  t.equal(read, refused)
})

t.test('a source that is not there yet is waited for, and the heartbeat says so', async (t) => {
  const { start } = await servers.prepare(t, 'missing')
  start({ LIVE_SOURCE: 's3://source/later.csv' })
  const told = async () =>
    (await readHeartbeats(servers.redis)).some(({ lastError }) =>
      /there is no s3/.test(lastError?.message ?? ''),
    )
  await waitFor('the heartbeat says so', told, { deadlineMs: 20_000 })
  await servers.putSource('later.csv', await generate({ ...FILE, rows: 50 }))
  await servers.waitForState('live-1', 'finished')
})
