import { Redis } from 'ioredis'
import t from 'tap'
import { systemClock } from '../../../lib/clock.ts'
import { type CsvSource, type FeedCounts, type FeedPlan, NO_COUNTS } from '../../../lib/feeds/feed.ts'
import { createFeedStore } from '../../../lib/feeds/feed-store.ts'
import type { RangeClaim, RangeOutcome, RangeProgress } from '../../../lib/feeds/range-store.ts'
import { createRateBucket } from '../../../lib/feeds/rate-bucket.ts'
import { createRecoveries } from '../../../lib/feeds/recoveries.ts'
import { createReplayBudget } from '../../../lib/feeds/replay-budget.ts'
import {
  claimedLettersKey,
  emittedTrailKey,
  feedKey,
  liveAliasKey,
  rangesKey,
  rateBucketKey,
} from '../../../lib/redis/keys.ts'
import { startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const SOURCE: CsvSource = { kind: 'csv', bucket: 'b', key: 'k.csv', etag: '"1"', bytes: 1_000 }
const PLAN: FeedPlan = {
  source: SOURCE,
  pace: { kind: 'rate', rowsPerSecond: 50 },
  repeat: false,
}
const OTHER_SOURCE: FeedPlan = { ...PLAN, source: { ...SOURCE, etag: '"2"' } }
const RESERVE = 100
const FINISHED: RangeOutcome = { kind: 'finished' }

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
  return {
    position: { offset: seq * 400, line: seq + 2, seq },
    reserved: seq + RESERVE,
    bytes: seq * 400,
    counts,
  }
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
  t.equal((await store.list({ limit: 10 })).feeds.length, 1)
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
    t.match(await store.orders('live'), { verdict: 'go', pace: { kind: 'max' } })
    const { epoch } = await claimed('live-1')
    t.match(await store.finish(faster, 0, epoch, FINISHED), { state: 'finished', next: 'live-2' })
    t.match(await store.live(), { name: 'live-2', pace: { kind: 'max' } })
    t.equal(await store.orders('live-9'), undefined)
  },
)

t.test('another source or other options take its place, and the old one is told to end', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  t.equal((await store.ensureLive(OTHER_SOURCE)).name, 'live-2')
  await store.advance('live-1', 0, epoch, progress(3))
  t.match(await store.orders('live-1'), { verdict: 'end' })
  t.match(await store.get('live-1'), { state: 'running', ending: 'ended' })
  t.equal((await store.ensureLive({ ...OTHER_SOURCE, rows: 5 })).name, 'live-3')
  t.equal((await store.get('live-2'))?.state, 'ended', 'one that nobody runs ends at once')
  t.equal((await store.get('live'))?.name, 'live-3')
  t.same(
    (await store.list({ limit: 2 })).feeds.map(({ name }) => name),
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
  await t.rejects(store.finish(await feed('live-1'), 0, stalled.epoch, FINISHED), {
    code: 'FENCED',
  })
  t.match(await claimed('live-1'), { position: progress(20).position, counts: progress(20).counts })
})

t.test('an epoch is not given twice, also when a failover has lost the last claims', async (t) => {
  await store.ensureLive(PLAN)
  const { epoch } = await claimed('live-1')
  await redis.hset(rangesKey('live-1'), '0:epoch', epoch - 5_000)
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

  await redis.del(emittedTrailKey('live-1'))
  const now = Date.now()
  await redis.zadd(
    emittedTrailKey('live-1'),
    now - 700_000,
    `${now - 700_000}:1`,
    now - 500_000,
    `${now - 500_000}:2`,
  )
  await store.advance('live-1', 0, epoch, progress(20, 4))
  t.equal(await redis.zcard(emittedTrailKey('live-1')), 2, 'what is older is dropped')
  t.equal(await store.emittedAsOf('live', now - 400_000), 2)
})

t.test('a feed that repeats is followed by the next one in the step that finishes it, once', async (t) => {
  const live = await store.ensureLive({ ...PLAN, repeat: true })
  const { epoch } = await claimed('live-1')
  const next = await store.finish(live, 0, epoch, FINISHED)
  t.same(next, { state: 'finished', next: 'live-2' })
  t.match(await store.get('live-2'), { state: 'waiting', repeat: true })
  t.match(await store.finish(live, 0, epoch, { kind: 'failed', message: 'late' }), { next: undefined })
  t.equal((await feed('live-1')).state, 'finished')
  t.equal((await store.get('live'))?.name, 'live-2')
  t.equal(await store.claim('live-1', 0, RESERVE), undefined, 'nobody runs it again')
})

t.test('a feed that failed says why and is not repeated', async (t) => {
  const live = await store.ensureLive({ ...PLAN, repeat: true })
  const { epoch } = await claimed('live-1')
  t.same(await store.finish(live, 0, epoch, { kind: 'failed', message: 'no columns' }), { state: 'failed' })
  t.match(await store.live(), { name: 'live-1', state: 'failed', message: 'no columns' })
})

t.test('feeds that are over expire, but for the newest live one, and leave the index', async (t) => {
  for (const etag of ['"a"', '"b"']) {
    const live = await store.ensureLive({ ...PLAN, source: { ...SOURCE, etag } })
    const { epoch } = await claimed(live.name)
    await store.advance(live.name, 0, epoch, progress(1))
    await store.finish(live, 0, epoch, FINISHED)
  }
  for (const key of [feedKey('live-1'), rangesKey('live-1'), emittedTrailKey('live-1')]) {
    t.ok((await redis.ttl(key)) > 6 * 86_400, key)
  }
  for (const key of [feedKey('live-2'), rangesKey('live-2'), emittedTrailKey('live-2')]) {
    t.equal(await redis.ttl(key), -1, key)
  }
  await redis.del(feedKey('live-1'))
  await store.ensureLive(PLAN)
  t.same(
    (await store.list({ limit: 10 })).feeds.map(({ name }) => name),
    ['live-3', 'live-2'],
  )
})

async function feed(name: string) {
  const found = await store.get(name)
  if (found === undefined) throw new Error(`no feed ${name}`)
  return found
}

const REPLAY: FeedPlan = { ...PLAN, pace: { kind: 'max' }, label: 'again' }

async function claimedRange(feed: string, range: number): Promise<RangeClaim> {
  const claim = await store.claim(feed, range, RESERVE)
  if (claim === undefined) throw new Error(`range ${range} of ${feed} is done`)
  return claim
}

t.test(
  'a feed that was created twice under one name is there twice, or loses what it was asked',
  async (t) => {
    const created = await Promise.all([store.create('replay-a', REPLAY), store.create('replay-a', REPLAY)])
    t.match(created, [
      { name: 'replay-a', kind: 'replay', state: 'waiting', label: 'again' },
      { state: 'waiting' },
    ])
    t.same(await store.openRanges(), [{ feed: 'replay-a', range: 0 }])
    t.equal(await store.live(), undefined, 'it is not the live one')
  },
)

t.test('a feed that is paused is run, or does not go on where it was', async (t) => {
  await store.create('replay-a', REPLAY)
  const first = await claimed('replay-a')
  await store.advance('replay-a', 0, first.epoch, progress(40))
  t.match(await store.pause('replay-a'), { state: 'paused' })
  t.match(await store.pause('replay-a'), { state: 'paused' }, 'again')
  t.match(await store.orders('replay-a'), { verdict: 'pause' })
  t.equal(await store.claim('replay-a', 0, RESERVE), undefined)
  t.same(await store.openRanges(), [])
  t.match(await store.resume('replay-a'), { state: 'running' })
  t.match(await claimed('replay-a'), { position: { seq: 40 } })
  await t.rejects(store.retry('replay-b'), { code: 'FEED_UNKNOWN' })
})

t.test('a feed is over though rows may be on the stream that are not counted', async (t) => {
  await store.create('replay-a', REPLAY)
  t.match(await store.cancel('replay-a'), { state: 'cancelled' }, 'nobody ran it')
  await t.rejects(store.resume('replay-a'), {
    code: 'FEED_STATE',
    message: 'cannot resume replay-a: it is cancelled, and must be paused',
  })

  await store.create('replay-b', REPLAY)
  const dead = await claimed('replay-b')
  await store.pause('replay-b')
  t.match(await store.cancel('replay-b'), { state: 'running', ending: 'cancelled' })
  t.same(await store.openRanges(), [{ feed: 'replay-b', range: 0 }])
  await t.rejects(store.pause('replay-b'), { message: /it is about to be cancelled/ })
  const claim = await claimed('replay-b')
  t.match(claim, { inherited: dead.reserved, reserved: dead.reserved, endRequested: true })
  const end = await store.finish(await feed('replay-b'), 0, claim.epoch, { kind: 'stopped' })
  t.same(end, { state: 'cancelled' })
  t.same(await store.openRanges(), [])
  t.ok((await redis.ttl(rangesKey('replay-b'))) > 0)
})

t.test('a feed that failed does not go on where it was when it is tried again', async (t) => {
  await store.create('replay-a', REPLAY)
  const { epoch } = await claimed('replay-a')
  await store.advance('replay-a', 0, epoch, progress(40))
  await store.finish(await feed('replay-a'), 0, epoch, { kind: 'failed', message: 'replaced' })
  t.match(await store.retry('replay-a'), { state: 'waiting', message: undefined, finishedAt: undefined })
  t.equal(await redis.ttl(feedKey('replay-a')), -1)
  t.match(await claimed('replay-a'), { position: { seq: 40 }, counts: { emitted: 40 }, endRequested: false })
  await t.rejects(store.setPace('live-7', { kind: 'max' }), { code: 'FEED_UNKNOWN' })
  t.match(await store.setPace('replay-a', PLAN.pace), { pace: PLAN.pace })
  t.match(await store.orders('replay-a'), { pace: PLAN.pace })
})

t.test('ranges of a feed leave a gap, or are counted twice, or end it before all are done', async (t) => {
  await store.create('replay-a', REPLAY)
  const first = await claimed('replay-a')
  const boundary = { offset: 4_000, line: 12, seq: 10 }
  await store.fork('replay-a', 0, first.epoch, boundary)
  await store.fork('replay-a', 0, first.epoch, { offset: 9_000, line: 22, seq: 20 })
  t.equal(await store.claim('replay-a', 2, RESERVE), undefined, 'it is divided once')
  const second = await claimedRange('replay-a', 1)
  t.match(second, { start: 4_000, end: undefined, position: boundary, inherited: 10, reserved: 10 + RESERVE })
  const rest = { ...progress(15), counts: { ...NO_COUNTS, read: 5, emitted: 4, filtered: 1 } }
  await store.advance('replay-a', 1, second.epoch, rest)
  await store.advance('replay-a', 1, second.epoch, rest)
  await store.advance('replay-a', 0, first.epoch, progress(10, 2))
  t.match(await store.counts('replay-a'), { read: 15, emitted: 12, refused: 2, filtered: 1 })
  t.equal(await store.emittedAsOf('replay-a', Date.now() + 1_000), 12)

  t.match(await store.finish(await feed('replay-a'), 1, second.epoch, FINISHED), { state: 'running' })
  t.equal(await store.claim('replay-a', 1, RESERVE), undefined)
  t.match(await store.progress('replay-a'), { ranges: 2, rangesDone: 1, bytesRead: 15 * 400 + 10 * 400 })
  t.match(await claimed('replay-a'), { start: 0, end: 4_000 })
  await t.rejects(store.fork('replay-a', 0, first.epoch, boundary), { code: 'FENCED' })
  t.match(await store.finish(await feed('replay-a'), 0, (await claimed('replay-a')).epoch, FINISHED), {
    state: 'finished',
  })
})

t.test('one range fails and the feed goes on, or ends before the others have settled', async (t) => {
  await store.create('replay-a', REPLAY)
  const first = await claimed('replay-a')
  await store.fork('replay-a', 0, first.epoch, { offset: 4_000, line: 12, seq: 10 })
  const second = await claimedRange('replay-a', 1)
  const failed: RangeOutcome = { kind: 'failed', message: 'unreadable' }
  t.same(await store.finish(await feed('replay-a'), 1, second.epoch, failed), { state: 'running' })
  t.match(await store.orders('replay-a'), { verdict: 'end' })
  t.match(await store.get('replay-a'), { ending: 'failed', message: 'unreadable' })
  const end = await store.finish(await feed('replay-a'), 0, first.epoch, { kind: 'stopped' })
  t.same(end, { state: 'failed' })
  await store.retry('replay-a')
  t.same(
    (await store.openRanges()).map(({ range }) => range),
    [0, 1],
  )
})

t.test('a list of feeds by pages leaves one out or has one twice', async (t) => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await store.create(`replay-${id}`, REPLAY)
  await store.ensureLive(PLAN)
  const all = (await store.list({ limit: 10 })).feeds.map(({ name }) => name)
  t.equal(all.length, 6)
  const paged: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list({ limit: 2, kinds: ['replay'], ...(cursor && { cursor }) })
    paged.push(...page.feeds.map(({ name }) => name))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  t.same(
    paged,
    all.filter((name) => name !== 'live-1'),
  )
})

t.test('replays together take more of the stream than their share, or a lone one less', async (t) => {
  const spent: number[] = []
  const clock = { ...systemClock, sleep: async (ms: number) => void spent.push(ms) }
  const budgetOf = () => createReplayBudget({ redis, share: 0.5, openShards: () => 2, onWait() {}, clock })
  const [one, other] = [budgetOf(), budgetOf()]
  const { signal } = new AbortController()
  await one.pass(signal)
  one.spend(99, 1_000)
  await one.pass(signal)
  t.same(spent, [], 'not asked for a little')
  one.spend(401, 1_000)
  await one.pass(signal)
  other.spend(1, 1_048_576)
  await other.pass(signal)
  const [first = 0, second = 0] = spent
  t.ok(first > 200 && first <= 250, `500 records at 1,000 a second, 250 ms of them in advance: ${first}`)
  t.ok(second > 1_150 && second <= 1_250, `behind them 1 MiB at 1 MiB a second: ${second}`)
})

t.test(
  'the runners of a feed together miss its rate, or make up at another for the time of the old one',
  async (t) => {
    const bucketOf = () => createRateBucket({ redis, feed: 'replay-a' })
    const [one, other] = [bucketOf(), bucketOf()]
    t.match(await one.take(0.01, 500), { rows: 1 }, 'the first row at once')
    const { rows, msUntilNext } = await other.take(0.01, 500)
    t.equal(rows, 0, 'the next one for whoever it is')
    t.ok(msUntilNext > 90_000 && msUntilNext <= 100_000, `in ${msUntilNext} ms`)

    await redis.set(rateBucketKey('replay-a', 0.01), Date.now() - 50_000)
    const startedAt = performance.now()
    let taken = 0
    let seconds = 0
    for (const taker of Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? other : one))) {
      taken += (await taker.take(2_000, 500)).rows
      seconds = (performance.now() - startedAt) / 1_000
    }
    t.ok(Math.abs(taken - 1 - seconds * 2_000) < 20, `${taken} rows at 2,000 a second in ${seconds} s`)
    await redis.set(rateBucketKey('replay-a', 100), Date.now() - 600_000)
    const late = await one.take(100, 150)
    t.equal(late.rows, 150, 'no more than were wanted')
    t.ok(late.msUntilNext < -400 && late.msUntilNext > -600, 'of two seconds, not of ten minutes')
    t.ok((await redis.pttl(rateBucketKey('replay-a', 100))) > 2_000)
  },
)

const RECOVERY: FeedPlan = {
  source: {
    kind: 'dead-letters',
    origin: 'row',
    list: { bucket: 'b', key: 'k', etag: '"1"' },
    letters: 2,
    bytes: 9,
  },
  pace: { kind: 'max' },
  repeat: false,
}

t.test('the letters of a recovery that is over stay claimed, or those of an open one do not', async (t) => {
  const recoveries = createRecoveries(redis)
  const ends: Record<string, (name: string) => Promise<unknown>> = {
    async failed(name) {
      const { epoch } = await claimed(name)
      await store.finish(await feed(name), 0, epoch, { kind: 'failed', message: 'its list is gone' })
    },
    async finished(name) {
      await store.finish(await feed(name), 0, (await claimed(name)).epoch, FINISHED)
    },
    cancelled: (name) => store.cancel(name),
  }
  for (const [state, end] of Object.entries(ends)) {
    const [first, second] = [`recovery-${state}-1`, `recovery-${state}-2`]
    await recoveries.create(first, RECOVERY, ['x', 'y'])
    await t.rejects(recoveries.create(second, RECOVERY, ['y', 'z']), {
      code: 'LETTERS_CLAIMED',
      message: /1 of the letters .* y$/,
    })
    t.same(await recoveries.holders(['x', 'y', 'z']), [first, first, null])
    await end(first)
    t.match(await store.get(first), { state })
    t.same(await recoveries.holders(['x', 'y', 'z']), [null, null, null], `${state}: free in the same step`)
    await recoveries.create(second, RECOVERY, ['y', 'z'])
    await recoveries.release(first)
    t.same(await redis.hgetall(claimedLettersKey()), { y: second, z: second }, 'those of the next one stay')
    await store.cancel(second)
    await recoveries.release(second)
    t.equal(await redis.exists(claimedLettersKey()), 0)
  }
})

t.test('a recovery that failed is tried again with letters that another one may have', async (t) => {
  await createRecoveries(redis).create('recovery-a', RECOVERY, ['x'])
  const { epoch } = await claimed('recovery-a')
  t.match(await store.retry('recovery-a'), { state: 'running' }, 'there is nothing to try again')
  await store.finish(await feed('recovery-a'), 0, epoch, { kind: 'failed', message: 'its list is gone' })
  await t.rejects(store.retry('recovery-a'), { code: 'FEED_STATE', message: /let go of its letters/ })
  t.match(await store.get('recovery-a'), { state: 'failed' })
})
