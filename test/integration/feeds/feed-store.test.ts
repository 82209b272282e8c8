import { Redis } from 'ioredis'
import t from 'tap'
import { type FeedCounts, type FeedPlan, NO_COUNTS } from '../../../lib/feeds/feed.ts'
import { createFeedStore, type RangeClaim, type RangeProgress } from '../../../lib/feeds/feed-store.ts'
import { emittedTrailKey, feedKey, liveAliasKey, rangeKey } from '../../../lib/redis/keys.ts'
import { startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const PLAN: FeedPlan = {
  source: { kind: 'csv', bucket: 'b', key: 'k.csv', etag: '"1"' },
  pace: { kind: 'rate', rowsPerSecond: 50 },
  repeat: false,
}
const OTHER_SOURCE: FeedPlan = { ...PLAN, source: { ...PLAN.source, etag: '"2"' } }
const RESERVE = 100

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const store = createFeedStore({ redis })
t.beforeEach(async () => {
  await redis.flushall()
  // So that the next one is live-1.
  await redis.set(liveAliasKey(), 'live-0')
})

/** Progress to row `seq`, all of it emitted but for `refused` rows. */
function progress(seq: number, refused = 0): RangeProgress {
  const counts: FeedCounts = { ...NO_COUNTS, read: seq, refused, emitted: seq - refused }
  return { position: { offset: seq * 400, line: seq + 2, seq }, reserved: seq + RESERVE, counts }
}

const numberOf = (name: string) => Number(name.slice('live-'.length))

async function claimed(feed: string): Promise<RangeClaim> {
  const claim = await store.claim(feed, 0, RESERVE)
  if (claim === undefined) throw new Error(`${feed} is over`)
  return claim
}

t.test('producers that start at once get one live feed between them', async (t) => {
  const feeds = await Promise.all(Array.from({ length: 8 }, () => store.ensureLive(PLAN)))
  t.same(new Set(feeds.map(({ name }) => name)), new Set(['live-1']))
  t.equal((await store.list(10)).length, 1)
})

t.test('a live feed in a Redis that was emptied has the name of one that was there before', async (t) => {
  await redis.flushall()
  const before = await store.ensureLive(PLAN)
  t.equal((await store.ensureLive(OTHER_SOURCE)).name, `live-${numberOf(before.name) + 1}`)
  const [seconds] = await redis.time()
  t.ok(numberOf(before.name) <= Number(seconds) && numberOf(before.name) > Number(seconds) - 60)
})

t.test(
  "producers with different options that start at once do not overwrite each other's feed",
  async (t) => {
    const plans = Array.from({ length: 8 }, (_, i) => ({ ...PLAN, rows: i + 1 }))
    const feeds = await Promise.all(plans.map((plan) => store.ensureLive(plan)))
    t.equal(new Set(feeds.map(({ name }) => name)).size, 8)
    t.same(
      feeds.map(({ rows }) => rows),
      plans.map(({ rows }) => rows),
    )
  },
)

t.test(
  'the same plan resumes the newest live feed, also when its properties come in another order',
  async (t) => {
    await store.ensureLive(PLAN)
    const { repeat, pace, source } = PLAN
    t.equal((await store.ensureLive({ repeat, pace, source })).name, 'live-1')
    const filtered = await store.ensureLive({ ...PLAN, filter: { states: ['TX'], severities: [2] } })
    t.equal(filtered.name, 'live-2', 'a filter is part of it')
    t.same(filtered.filter, { states: ['TX'], severities: [2] })
    const reordered = await store.ensureLive({ ...PLAN, filter: { severities: [2], states: ['TX'] } })
    t.equal(reordered.name, 'live-2')
  },
)

t.test(
  'another pace ends the live feed, or is not taken over, or is lost when the feed repeats',
  async (t) => {
    await store.ensureLive({ ...PLAN, repeat: true })
    const faster = await store.ensureLive({ ...PLAN, repeat: true, pace: { kind: 'max' } })
    t.match(faster, { name: 'live-1', pace: { kind: 'max' } })
    t.same(await store.pace('live'), { kind: 'max' })
    const { epoch } = await claimed('live-1')
    t.match(await store.finish(faster, 0, epoch, { state: 'finished' }), {
      name: 'live-2',
      pace: { kind: 'max' },
    })
    t.equal(await store.pace('live-9'), undefined)
  },
)

t.test('another source or other options take its place, and the old one is told to end', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  t.equal((await store.ensureLive(OTHER_SOURCE)).name, 'live-2')
  t.equal(await store.advance('live-1', 0, epoch, progress(3)), 'end')
  t.equal((await store.ensureLive({ ...OTHER_SOURCE, rows: 5 })).name, 'live-3')
  t.equal((await store.get('live-2'))?.state, 'ended', 'one that nobody runs ends at once')
  t.equal((await store.get('live'))?.name, 'live-3')
  t.same(
    (await store.list(2)).map(({ name }) => name),
    ['live-3', 'live-2'],
  )
})

t.test('a position is refused from whoever lost the range, and never goes back', async (t) => {
  await store.ensureLive(PLAN)
  const stalled = await claimed('live-1')
  const successor = await claimed('live-1')
  t.ok(successor.epoch > stalled.epoch)
  await store.advance('live-1', 0, successor.epoch, progress(20))
  await t.rejects(store.advance('live-1', 0, stalled.epoch, progress(30)), { code: 'FENCED' })
  await t.rejects(store.advance('live-1', 0, successor.epoch, progress(10)), { message: /^BACKWARD/ })
  await t.rejects(store.finish(await feed('live-1'), 0, stalled.epoch, { state: 'finished' }), {
    code: 'FENCED',
  })
  t.match(await claimed('live-1'), { position: progress(20).position, counts: progress(20).counts })
})

t.test('an epoch is not given twice, also when a failover has lost the last claims', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  await redis.hset(rangeKey('live-1', 0), 'epoch', epoch - 5_000)
  await waitFor('a failover takes a millisecond', () => Date.now() > epoch, {
    deadlineMs: 1_000,
    intervalMs: 1,
  })
  t.ok((await claimed('live-1')).epoch > epoch)
})

t.test('counts that do not balance are not committed', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  const lost = { ...progress(10), counts: { ...NO_COUNTS, read: 10, emitted: 9 } }
  await t.rejects(store.advance('live-1', 0, epoch, lost), { message: /^UNBALANCED/ })
  t.same(await store.counts('live-1'), NO_COUNTS)
})

t.test(
  'a runner learns what the one before it may have sent, so that a feed ends with exact counts',
  async (t) => {
    await store.ensureLive(PLAN)
    const first = await claimed('live-1')
    t.match(first, { inherited: 0, reserved: RESERVE, endRequested: false })
    await store.advance('live-1', 0, first.epoch, progress(40))
    t.match(await claimed('live-1'), { inherited: 40 + RESERVE, reserved: 40 + RESERVE })
    await store.ensureLive(OTHER_SOURCE)
    const ending = await claimed('live-1')
    t.match(ending, { inherited: 40 + RESERVE, reserved: 40 + RESERVE, endRequested: true })
  },
)

t.test('how many rows had been emitted by a moment is known for the last ten minutes', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  t.equal(await store.emittedAsOf('live', Date.now()), 0)
  const before = Date.now() - 1
  await store.advance('live-1', 0, epoch, progress(10, 4))
  t.equal(await store.emittedAsOf('live', before), 0, 'not before it was emitted')
  t.equal(await store.emittedAsOf('live', Date.now() + 60_000), 6)

  await redis.del(emittedTrailKey('live-1', 0))
  const now = Date.now()
  await redis.zadd(
    emittedTrailKey('live-1', 0),
    now - 700_000,
    `${now - 700_000}:1`,
    now - 500_000,
    `${now - 500_000}:2`,
  )
  await store.advance('live-1', 0, epoch, progress(20, 4))
  t.equal(await redis.zcard(emittedTrailKey('live-1', 0)), 2, 'what is older is dropped')
  t.equal(await store.emittedAsOf('live', now - 400_000), 2)
})

t.test('a feed that repeats is followed by the next one in the step that finishes it, once', async (t) => {
  const live = await store.ensureLive({ ...PLAN, repeat: true })
  const { epoch } = await claimed('live-1')
  const next = await store.finish(live, 0, epoch, { state: 'finished' })
  t.match(next, { name: 'live-2', state: 'waiting', repeat: true })
  t.equal(await store.finish(live, 0, epoch, { state: 'failed' }), undefined)
  t.equal((await feed('live-1')).state, 'finished')
  t.equal((await store.get('live'))?.name, 'live-2')
  t.equal(await store.claim('live-1', 0, RESERVE), undefined, 'nobody runs it again')
})

t.test('a feed that failed says why and is not repeated', async (t) => {
  const live = await store.ensureLive({ ...PLAN, repeat: true })
  const { epoch } = await claimed('live-1')
  t.equal(await store.finish(live, 0, epoch, { state: 'failed', message: 'no columns' }), undefined)
  t.match(await store.live(), { name: 'live-1', state: 'failed', message: 'no columns' })
})

t.test('feeds that are over expire, but for the newest live one, and leave the index', async (t) => {
  for (const etag of ['"a"', '"b"']) {
    const live = await store.ensureLive({ ...PLAN, source: { ...PLAN.source, etag } })
    const { epoch } = await claimed(live.name)
    await store.advance(live.name, 0, epoch, progress(1))
    await store.finish(live, 0, epoch, { state: 'finished' })
  }
  for (const key of [feedKey('live-1'), rangeKey('live-1', 0), emittedTrailKey('live-1', 0)]) {
    t.ok((await redis.ttl(key)) > 6 * 86_400, key)
  }
  for (const key of [feedKey('live-2'), rangeKey('live-2', 0), emittedTrailKey('live-2', 0)]) {
    t.equal(await redis.ttl(key), -1, key)
  }
  await redis.del(feedKey('live-1'))
  await store.ensureLive(PLAN)
  t.same(
    (await store.list(10)).map(({ name }) => name),
    ['live-3', 'live-2'],
  )
})

async function feed(name: string) {
  const found = await store.get(name)
  if (found === undefined) throw new Error(`no feed ${name}`)
  return found
}
