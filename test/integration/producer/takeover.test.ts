import t from 'tap'
import { readHeartbeats } from '../../../lib/process/heartbeat.ts'
import { emittableRows, generate, startProducerServers } from '../../support/producers.ts'
import { waitFor } from '../../support/wait-for.ts'

const FILE = { seed: 5, rows: 6_000, rate: 50 }
const OTHER_FILE = { ...FILE, seed: 6, rows: 1_500 }
/** Not read to its end at the pace max before anybody hears of another pace. */
const LONG_FILE = { ...FILE, seed: 7, rows: 20_000 }
/** A producer that was killed is replaced within this long. */
const TAKEOVER_DEADLINE_MS = 15_000

const servers = await startProducerServers(t)
const source = await servers.putSource('a.csv', await generate(FILE))
await servers.putSource('b.csv', await generate(OTHER_FILE))

t.test('a producer that is killed is replaced in time, and nothing is lost or counted twice', async (t) => {
  const { start, checkFeed } = await servers.prepare(t, 'killed')
  const options = { LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '400' }
  const producers = [start(options), start(options)]
  for (const rows of [400, 2_000]) {
    await servers.waitForRows('live-1', rows)
    const holder = (await readHeartbeats(servers.redis)).find(({ holds }) => holds.length > 0)
    const victim = producers.find(({ child }) => child.pid === holder?.pid)
    if (victim === undefined) throw new Error('nobody holds the range')
    producers.push(start(options))
    victim.child.kill('SIGKILL')
    await victim.ended
    const killedAt = performance.now()
    const { read } = await servers.store.counts('live-1')
    await servers.waitForRows('live-1', read + 1, TAKEOVER_DEADLINE_MS)
    t.comment(`taken over after ${Math.round(performance.now() - killedAt)} ms`)
  }
  await servers.waitForState('live-1', 'finished')
  await checkFeed(t, 'live-1', FILE)
  t.equal((await servers.store.counts('live-1')).read, FILE.rows)
  t.equal((await servers.store.list({ limit: 10 })).feeds.length, 1, 'there was one live feed all the time')
})

t.test('a clean stop gives the range back at once and sends nothing twice', async (t) => {
  const { start, checkFeed } = await servers.prepare(t, 'stopped')
  const options = { LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '300', LIVE_ROWS: '3500' }
  const first = start(options)
  await servers.waitForRows('live-1', 100)
  const second = start(options)
  const says = (phrase: string) => () => second.log.some(({ msg }) => msg === phrase)
  await waitFor('the second one runs', says('live feed'), { deadlineMs: 10_000 })
  const stoppedAt = performance.now()
  first.child.kill('SIGTERM')
  t.equal(await first.ended, 0)
  await waitFor('taken over', says('feed claimed'), { deadlineMs: 5_000, intervalMs: 5 })
  t.comment(`taken over after ${Math.round(performance.now() - stoppedAt)} ms`)
  t.ok(performance.now() - stoppedAt < 2_000, 'within two seconds')
  await servers.waitForState('live-1', 'finished')
  const events = await checkFeed(t, 'live-1', FILE)
  t.equal(events.length, emittableRows({ ...FILE, rows: 3_500 }).length)
})

t.test('a producer with another pace does not change that of the feed that runs', async (t) => {
  const { start, checkFeed } = await servers.prepare(t, 'pace')
  const first = start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '5' })
  await servers.waitForRows('live-1', 5)
  start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '4000' })
  await servers.waitForState('live-1', 'finished')
  const events = await checkFeed(t, 'live-1', FILE)
  t.equal(events.length, emittableRows(FILE).length, 'nothing was sent twice')
  t.ok(first.log.some(({ msg }) => msg === 'pace changed'))
})

t.test(
  'another source ends the live feed with exact counts, also when its producer was killed',
  async (t) => {
    const { start, checkFeed } = await servers.prepare(t, 'second')
    const first = start({ LIVE_SOURCE: 's3://source/a.csv', LIVE_RATE: '500' })
    await servers.waitForRows('live-1', 500)
    first.child.kill('SIGKILL')
    await first.ended
    start({ LIVE_SOURCE: 's3://source/b.csv' })
    await servers.waitForState('live-1', 'ended')
    await servers.waitForState('live-2', 'finished')
    await checkFeed(t, 'live-1', FILE)
    t.ok((await servers.store.counts('live-1')).read < FILE.rows)
    await checkFeed(t, 'live-2', OTHER_FILE)
    t.equal((await servers.store.counts('live-2')).read, OTHER_FILE.rows)
  },
)

t.test(
  'a divided feed that gets a rate runs below it for its range that waits, or above it with two producers',
  async (t) => {
    const { start } = await servers.prepare(t, 'shared')
    const { store } = servers
    const longSource = await servers.putSource('c.csv', await generate(LONG_FILE))
    const options = { RANGE_BYTES: '150000', REPLAY_SHARE: '0.1' }
    const producers: ReturnType<typeof start>[] = []
    for (const feed of ['replay-one', 'replay-two']) {
      producers.push(start(options))
      await store.create(feed, { source: longSource, pace: { kind: 'max' }, repeat: false })
      const worksOnIt = ({ log }: (typeof producers)[0]) =>
        log.some(({ msg, feed: of }) => msg === 'feed claimed' && of === feed)
      const divided = async () => (await store.progress(feed)).ranges > 2 && producers.every(worksOnIt)
      await waitFor('all work on it', divided, { deadlineMs: 15_000, intervalMs: 5 })
      await store.setPace(feed, { kind: 'rate', rowsPerSecond: 100 })

      async function measure(rows: number): Promise<number> {
        const startedAt = performance.now()
        const { read } = await store.counts(feed)
        await servers.waitForRows(feed, read + rows, 20_000)
        return (((await store.counts(feed)).read - read) * 1_000) / (performance.now() - startedAt)
      }
      // At first also what was in flight at the pace max is counted, and runs that have not yet heard of another.
      const measured: number[] = []
      while (measured.length < 8 && Math.abs((measured.at(-1) ?? 0) - 100) >= 15)
        measured.push(await measure(300))
      t.ok(measured.length < 8, `${measured.join(', ')} rows a second by ${producers.length}`)
      await store.cancel(feed)
      await servers.waitForState(feed, 'cancelled')
    }
  },
)

t.test(
  'a long file is read by one producer alone, or a range of it is lost with the one that had it',
  async (t) => {
    const { start, checkFeed } = await servers.prepare(t, 'divided')
    const options = { RANGE_BYTES: '150000', REPLAY_SHARE: '1' }
    const producers = [start(options), start(options)]
    const claimedBy = (n: number) => producers[n]?.log.filter(({ msg }) => msg === 'feed claimed').length ?? 0
    await servers.store.create('replay-long', { source, pace: { kind: 'max' }, repeat: false })
    const both = () => claimedBy(0) > 1 && claimedBy(1) > 1
    await waitFor('both work on it', both, { deadlineMs: 20_000, intervalMs: 5 })
    producers[0]?.child.kill('SIGKILL')
    await servers.waitForState('replay-long', 'finished')
    await checkFeed(t, 'replay-long', FILE)
    t.equal((await servers.store.counts('replay-long')).read, FILE.rows)
    const { ranges, rangesDone, bytesRead } = await servers.store.progress('replay-long')
    t.ok(ranges > 4)
    t.equal(rangesDone, ranges)
    t.equal(bytesRead, source.bytes)
  },
)
