import { Redis } from 'ioredis'
import t from 'tap'
import { createInsightReader } from '../../../lib/insights/insight-reader.ts'
import { createInsightStore } from '../../../lib/insights/insight-store.ts'
import { surgeAreasKey } from '../../../lib/redis/keys.ts'
import { hotspot, MINUTE, surge, topCity } from '../../support/envelopes.ts'
import { startRedis } from '../../support/servers.ts'

const { url } = await startRedis(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const store = createInsightStore(redis)
const reader = createInsightReader(redis)

const NEXT = MINUTE + 60_000
let feeds = 0
const newFeed = () => `live-${++feeds}`
const cells = async (feed: string) =>
  (await reader.readHotspots(feed))?.items.map(({ rank, cell }) => [rank, cell])
const ofArea = async (feed: string) =>
  (await reader.readSurges(feed)).map(({ area, phase, started_at }) => [area, phase, started_at - MINUTE])

t.test('ranks of a window that come apart, disordered or again make another list', async (t) => {
  const feed = newFeed()
  t.equal(await reader.readHotspots(feed), undefined)
  const ranks = [3, 1, 2].map((rank) => hotspot(rank, { feed, cell: `cell-${rank}` }))
  for (const rank of [...ranks, ...ranks]) await store.applyHotspots(feed, [rank])
  t.match(await reader.readHotspots(feed), { windowStart: MINUTE - 600_000, windowEnd: MINUTE })
  t.strictSame(await cells(feed), [
    [1, 'cell-1'],
    [2, 'cell-2'],
    [3, 'cell-3'],
  ])
})

t.test('a newer window keeps a rank of the former one, or an older one takes its place', async (t) => {
  const feed = newFeed()
  const former = [1, 2, 3].map((rank) => hotspot(rank, { feed, cell: 'former' }))
  const newer = [1, 2].map((rank) => hotspot(rank, { feed, cell: 'newer', windowEnd: NEXT }))
  const expected = [
    [1, 'newer'],
    [2, 'newer'],
  ]
  await store.applyHotspots(feed, former)
  await store.applyHotspots(feed, newer)
  t.strictSame(await cells(feed), expected)
  await store.applyHotspots(feed, former)
  t.strictSame(await cells(feed), expected, 'the former window again')
  await store.applyHotspots(feed, [...newer, ...former, ...newer])
  t.strictSame(await cells(feed), expected, 'both in one batch')
})

t.test('a city and a county of one rank displace each other', async (t) => {
  const feed = newFeed()
  await store.applyTopCities(feed, [
    topCity(1, { feed, level: 'county', name: 'Montgomery' }),
    topCity(1, { feed }),
    topCity(2, { feed, name: 'Columbus' }),
  ])
  const levelOf = async (level: string) =>
    (await reader.readTopCities(feed))?.items.filter((item) => item.level === level).map(({ name }) => name)
  t.strictSame(await levelOf('city'), ['Dayton', 'Columbus'])
  t.strictSame(await levelOf('county'), ['Montgomery'])
  await store.applyTopCities(feed, [topCity(1, { feed, windowEnd: NEXT, name: 'Akron' })])
  t.strictSame([await levelOf('city'), await levelOf('county')], [['Akron'], []])
})

t.test('a surge that is over is opened again by its start, or stays open after its end', async (t) => {
  const feed = newFeed()
  const start = surge('OH', { feed, count: 9 })
  const end = surge('OH', { feed, count: 21, endedAt: NEXT })
  await store.applySurges(feed, [start, surge('CA', { feed })])
  t.strictSame(await ofArea(feed), [
    ['CA', 'started', 0],
    ['OH', 'started', 0],
  ])
  await store.applySurges(feed, [end])
  for (const event of [start, end, start]) await store.applySurges(feed, [event])
  t.match(await reader.readSurges(feed), [
    { area: 'CA', phase: 'started' },
    { area: 'OH', phase: 'ended', ended_at: NEXT, count: 21, windowStart: NEXT - 300_000, windowEnd: NEXT },
  ])
  t.equal((await reader.readSurges(feed)).length, 2)
})

t.test('the end of an earlier surge ends the present one of its area', async (t) => {
  const feed = newFeed()
  const earlier = surge('OH', { feed, endedAt: NEXT })
  await store.applySurges(feed, [surge('OH', { feed }), earlier, surge('OH', { feed, startedAt: NEXT + 1 })])
  await store.applySurges(feed, [surge('OH', { feed }), earlier])
  t.strictSame(await ofArea(feed), [
    ['OH', 'started', 60_001],
    ['OH', 'ended', 0],
  ])
})

t.test('an area has two open surges when the end of the first never came', async (t) => {
  const feed = newFeed()
  await store.applySurges(feed, [surge('OH', { feed }), surge('OH', { feed, startedAt: NEXT })])
  t.strictSame(await ofArea(feed), [['OH', 'started', 60_000]])
})

t.test('surges pile up, or those that were dropped come back when they are sent again', async (t) => {
  const feed = newFeed()
  const areas = Array.from({ length: 1_300 }, (_, i) => i)
  const startsAndEnds = areas.flatMap((i) => {
    const head = { feed, area_kind: 'cell', startedAt: MINUTE + i } as const
    // The first one lasted longest.
    const endedAt = NEXT + (i === 0 ? areas.length : i)
    return [surge(`cell-${i}`, head), surge(`cell-${i}`, { ...head, endedAt })]
  })
  for (let delivery = 0; delivery < 2; delivery++) {
    await store.applySurges(feed, startsAndEnds)
    const surges = await reader.readSurges(feed)
    t.equal(surges.length, 100)
    t.ok(surges.every(({ phase }) => phase === 'ended'))
    t.strictSame([surges.at(-2)?.area, surges.at(-1)?.area], ['cell-1201', 'cell-0'])
    t.equal(await redis.zcard(surgeAreasKey(feed)), 1_000)
  }
  const onlyStarts = startsAndEnds.filter(({ payload }) => payload.phase === 'started')
  await store.applySurges(feed, onlyStarts)
  const phases = (await reader.readSurges(feed)).map(({ phase }) => phase)
  t.strictSame(phases, Array(100).fill('ended'), 'starts alone open none')
})

t.test('a feed shows the windows of another, or lives in Redis for ever', async (t) => {
  const [feed, other] = [newFeed(), newFeed()]
  await store.applyHotspots(feed, [hotspot(1, { feed, windowEnd: NEXT, cell: 'mine' })])
  await store.applyHotspots(other, [hotspot(1, { feed: other, cell: 'other' })])
  await store.applyTopCities(feed, [topCity(1, { feed })])
  await store.applySurges(feed, [surge('OH', { feed }), surge('CA', { feed, endedAt: NEXT })])
  t.strictSame([await cells(feed), await cells(other)], [[[1, 'mine']], [[1, 'other']]])
  t.strictSame(await reader.readSurges(other), [])
  t.equal(await reader.readTopCities(other), undefined)
  const keys = await redis.keys(`rp:{feed:${feed}}:*`)
  t.equal(keys.length, 5)
  for (const key of keys) t.ok((await redis.ttl(key)) > 0, `${key} expires`)
})
