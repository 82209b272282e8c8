import { Redis } from 'ioredis'
import t from 'tap'
import { createInsightReader } from '../../../lib/insights/insight-reader.ts'
import { createInsightStore } from '../../../lib/insights/insight-store.ts'
import { foldMinutes } from '../../../lib/insights/minute-folder.ts'
import { hourKey } from '../../../lib/redis/keys.ts'
import { accident, MINUTE, minuteWindow, rejected, tally } from '../../support/envelopes.ts'
import { startRedis } from '../../support/servers.ts'

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const store = createInsightStore(redis)
const reader = createInsightReader(redis)

const LAST_MINUTES = [MINUTE - 3_600_000, MINUTE + 3_600_000] as const
let feeds = 0
const newFeed = () => `live-${++feeds}`
const plain = <K, V>(map: Map<K, V>) => Object.fromEntries(map)

t.test('an accident that comes twice counts twice', async (t) => {
  const feed = newFeed()
  const events = [
    accident(1, { feed }),
    accident(2, { feed, state: 'CA', severity: 3 }),
    accident(1, { feed }),
  ]
  for (let delivery = 0; delivery < 2; delivery++) {
    await store.applyAccidents(feed, 'accident', events)
    t.strictSame(await reader.readReceived(feed), { accident: 2, accidentLate: 0, rejected: 0, windowed: 0 })
    t.strictSame(plain(await reader.readStateTotals(feed)), { OH: 1, CA: 1 })
    t.equal((await reader.readAccidents(feed, { limit: 10 })).length, 2)
    const [minute] = await reader.readSeverityMinutes(feed, ...LAST_MINUTES)
    t.strictSame(plain(minute?.bySeverity ?? new Map()), { 2: 1, 3: 1 })
  }
})

t.test('a late accident gets into a minute, or is taken for the one on time', async (t) => {
  const feed = newFeed()
  await store.applyAccidents(feed, 'accident', [accident(1, { feed })])
  await store.applyAccidents(feed, 'accident_late', [accident(2, { feed, type: 'accident_late' })])
  await store.applyAccidents(feed, 'accident_late', [accident(2, { feed, type: 'accident_late' })])
  t.match(await reader.readReceived(feed), { accident: 1, accidentLate: 1 })
  t.strictSame(plain(await reader.readStateTotals(feed)), { OH: 1 })
  const [minute] = await reader.readSeverityMinutes(feed, ...LAST_MINUTES)
  t.strictSame(plain(minute?.byState ?? new Map()), { OH: 1 })
  const listed = await reader.readAccidents(feed, { limit: 10 })
  t.match(listed, [
    { seq: 1, late: false, eventTime: MINUTE + 1, id: `accident|${feed}|1` },
    { seq: 2, late: true },
  ])
})

t.test('a batch above the size of one call is cut short', async (t) => {
  const feed = newFeed()
  const events = Array.from({ length: 1_234 }, (_, i) =>
    accident(i + 1, { feed, eventTime: MINUTE + i * 1_000 }),
  )
  await store.applyAccidents(feed, 'accident', events)
  t.match(await reader.readReceived(feed), { accident: 1_234 })
  const minutes = await reader.readSeverityMinutes(feed, ...LAST_MINUTES)
  t.equal(minutes.length, 21)
  t.equal(
    minutes.reduce((sum, minute) => sum + (minute.byState.get('OH') ?? 0), 0),
    1_234,
  )
})

t.test('a rejected record that comes twice counts twice, with a seq or without', async (t) => {
  const feed = newFeed()
  const events = [
    rejected(7, 'a', { feed }),
    rejected(undefined, 'b', { feed }),
    rejected(2 ** 40, 'c', { feed }),
  ]
  for (let delivery = 0; delivery < 2; delivery++) {
    await store.applyRejected(feed, events)
    t.match(await reader.readReceived(feed), { rejected: 3 })
    t.match(await reader.readRejected(feed, 10), [
      { id: 'a', seq: 7, reasons: ['not JSON'] },
      { id: 'b' },
      { id: 'c' },
    ])
  }
})

t.test('a window that is emitted again is added again', async (t) => {
  const feed = newFeed()
  const windows = [minuteWindow(3, { feed }), minuteWindow(4, { feed, state: 'CA' })]
  await store.applyMinutes(feed, windows)
  await store.applyMinutes(feed, windows)
  t.match(await reader.readReceived(feed), { windowed: 7 })
  await store.applyMinutes(feed, [minuteWindow(5, { feed })])
  t.match(await reader.readReceived(feed), { windowed: 9 }, 'a correction counts by its difference')
})

t.test('a minute shows its open count beside its final one, or hides that it is open', async (t) => {
  const feed = newFeed()
  await store.applyAccidents(feed, 'accident', [accident(1, { feed }), accident(2, { feed, state: 'CA' })])
  await store.applyMinutes(feed, [minuteWindow(5, { feed })])
  const [half] = await reader.readSeverityMinutes(feed, ...LAST_MINUTES)
  t.equal(half?.isProvisional, true)
  t.strictSame(plain(half?.byState ?? new Map()), { OH: 5, CA: 1 })
  await store.applyMinutes(feed, [minuteWindow(1, { feed, state: 'CA' })])
  const [whole] = await reader.readSeverityMinutes(feed, ...LAST_MINUTES)
  t.equal(whole?.isProvisional, false)
  t.strictSame(plain(whole?.bySeverity ?? new Map()), { 2: 6 })
  t.strictSame(
    await reader.readSeverityMinutes(feed, MINUTE + 60_000, MINUTE + 120_000),
    [],
    'outside the range',
  )
})

t.test('an older tally replaces a newer one', async (t) => {
  const feed = newFeed()
  t.equal(await reader.readTally(feed), undefined)
  await store.applyTallies(feed, [
    tally({ in: 9 }, { feed, watermark: 5 }),
    tally({ in: 7 }, { feed, watermark: 6 }),
  ])
  t.match(await reader.readTally(feed), { watermark: 5, counts: { in: 9 } })
  await store.applyTallies(feed, [tally({ in: 9 }, { feed, watermark: 8 })])
  await store.applyTallies(feed, [tally({ in: 9 }, { feed, watermark: 7 })])
  t.match(await reader.readTally(feed), { watermark: 8 }, 'of the same count the later watermark')
})

t.test('a page that resumes gets accidents twice, or not at all', async (t) => {
  const feed = newFeed()
  for (const seq of [1, 2, 3]) await store.applyAccidents(feed, 'accident', [accident(seq, { feed })])
  const seqs = async (range: { after?: string; limit: number }) =>
    (await reader.readAccidents(feed, range)).map((listed) => listed.seq)
  t.strictSame(await seqs({ limit: 2 }), [2, 3], 'the last ones, oldest first')
  const [first] = await reader.readAccidents(feed, { limit: 3 })
  t.strictSame(await seqs({ after: first?.streamId ?? '', limit: 1 }), [2])
  t.strictSame(await seqs({ after: first?.streamId ?? '', limit: 9 }), [2, 3])
})

t.test('minutes pile up, or are lost or counted twice when they become hours', async (t) => {
  const feed = newFeed()
  await store.applyAccidents(feed, 'accident', [accident(1, { feed }), accident(2, { feed, state: 'CA' })])
  const windows = [minuteWindow(5, { feed }), minuteWindow(2, { feed, minute: MINUTE + 60_000 })]
  await store.applyMinutes(feed, windows)
  await foldMinutes(redis, MINUTE + 40 * 3_600_000)
  t.equal((await reader.readSeverityMinutes(feed, ...LAST_MINUTES)).length, 2, 'not before 48 hours')
  await foldMinutes(redis, MINUTE + 50 * 3_600_000)
  await foldMinutes(redis, MINUTE + 50 * 3_600_000)
  await store.applyMinutes(feed, windows)
  t.strictSame(await reader.readSeverityMinutes(feed, ...LAST_MINUTES), [])
  t.match(await reader.readReceived(feed), { windowed: 7 })
  const hour = MINUTE - (MINUTE % 3_600_000)
  t.strictSame({ ...(await redis.hgetall(hourKey(feed, hour))) }, { 'OH|2': '7', 'CA|2': '1' })
})

t.test('a feed is not listed, or lives in Redis for ever', async (t) => {
  const feed = newFeed()
  await store.applyAccidents(feed, 'accident', [accident(1, { feed })])
  await store.applyRejected(feed, [rejected(2, 'a', { feed })])
  await store.applyMinutes(feed, [minuteWindow(1, { feed })])
  await store.applyTallies(feed, [tally({ in: 2 }, { feed })])
  t.ok((await reader.listReceivedFeeds()).includes(feed))
  const keys = await redis.keys(`rp:{feed:${feed}}:*`)
  t.ok(keys.length >= 9)
  for (const key of keys) t.ok((await redis.ttl(key)) > 0, `${key} expires`)
})
