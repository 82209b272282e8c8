import t from 'tap'
import { hotspot, rejected, surge, topCity } from '../../support/envelopes.ts'
import { buildFakeApp, fakeInsights, NOW, receivedAccident } from '../../support/fake-app.ts'

const MINUTE = 60_000

t.test(
  'live stands for the newest live feed, and a feed that nobody knows is not empty but absent',
  async (t) => {
    const asked: string[] = []
    const insights = fakeInsights({
      readAccidents: async (feed) => {
        asked.push(feed)
        return []
      },
      listReceivedFeeds: async () => ['unknown'],
    })
    const app = await buildFakeApp(t, { insights })
    t.equal((await app.inject('/insights/accidents')).json().feed, 'live-3')
    t.equal((await app.inject('/insights/accidents?feed=unknown')).json().feed, 'unknown')
    t.same(asked, ['live-3', 'unknown'])
    const absent = await app.inject('/insights/accidents?feed=live-9')
    t.equal(absent.statusCode, 404)
    t.match(absent.json(), { code: 'FEED_NOT_FOUND' })
  },
)

t.test('accidents come newest first, in camel case, with ISO times and their place on the map', async (t) => {
  const insights = fakeInsights({
    readAccidents: async (_feed, { limit }) => [receivedAccident(1), receivedAccident(2)].slice(-limit),
  })
  const app = await buildFakeApp(t, { insights })
  const { items } = (await app.inject('/insights/accidents?limit=2')).json()
  t.same(
    items.map((item: { seq: number }) => item.seq),
    [2, 1],
  )
  t.match(items[0], {
    accidentId: 'A-2',
    severity: 2,
    late: false,
    receivedAt: '1970-01-01T00:00:00.002Z',
    startTimeUtc: null,
    city: null,
    map: { x: Number, y: Number },
    features: [],
    weekday: 1,
    rushHour: false,
    durationMinutes: null,
    roadClass: 'unknown',
    weatherClass: 'unknown',
    cell: '862a90747ffffff',
  })
  t.match(items[0].eventTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.equal((await app.inject('/insights/accidents?limit=1')).json().items.length, 1)
})

t.test('a minute is provisional until Flink has closed it and all of its windows have come', async (t) => {
  const minute = Math.floor(Date.now() / MINUTE) * MINUTE
  const severityMinute = (start: number, isProvisional: boolean) => ({
    minute: start,
    isProvisional,
    bySeverity: new Map([[2, 5]]),
    byState: new Map([['CA', 5]]),
    cells: [{ state: 'CA', severity: 2, count: 5 }],
  })
  const insights = fakeInsights({
    readTally: async () => ({
      watermark: minute - MINUTE,
      counts: { in: 0, resent: 0, rejected: 0, valid: 0, repeated: 0, unique: 0, on_time: 0, late: 0 },
    }),
    readSeverityMinutes: async () => [
      severityMinute(minute - 3 * MINUTE, false),
      severityMinute(minute - 2 * MINUTE, true),
      severityMinute(minute - MINUTE, false),
      severityMinute(minute, true),
    ],
    readStateTotals: async () =>
      new Map([
        ['OH', 3],
        ['CA', 17],
      ]),
  })
  const app = await buildFakeApp(t, { insights })
  const body = (await app.inject('/insights/severity?minutes=30')).json()
  t.same(
    body.minutes.map(({ provisional }: { provisional: boolean }) => provisional),
    [false, true, true, true],
  )
  t.same(body.minutes[0].bySeverity, { 1: 0, 2: 5, 3: 0, 4: 0 })
  t.same(body.states, [
    { state: 'CA', total: 17 },
    { state: 'OH', total: 3 },
  ])
  t.equal(body.total, 20)
  t.equal(Date.parse(body.to) - Date.parse(body.from), 30 * MINUTE)
  t.ok(Date.parse(body.to) > minute, 'the open minute is asked for')
})

t.test('hotspots and top places come by rank, with the bounds of their window', async (t) => {
  const window = { windowStart: MINUTE, windowEnd: 11 * MINUTE }
  const bounds = { windowStart: '1970-01-01T00:01:00.000Z', windowEnd: '1970-01-01T00:11:00.000Z' }
  const insights = fakeInsights({
    readHotspots: async () => ({ ...window, items: [hotspot(1).payload, hotspot(2, { lat: 0 }).payload] }),
    readTopCities: async () => ({
      ...window,
      items: [topCity(1).payload, topCity(1, { level: 'county' }).payload, topCity(2).payload],
    }),
  })
  const app = await buildFakeApp(t, { insights })
  const hotspots = (await app.inject('/insights/hotspots')).json()
  t.match(hotspots, { feed: 'live-3', ...bounds })
  t.match(hotspots.items, [
    { rank: 1, cell: '862a90747ffffff', count: 3, weight: 7, map: { x: Number, y: Number } },
    { rank: 2, map: null },
  ])
  const place = { name: 'Dayton', state: 'OH', count: 3, weight: 7 }
  t.same((await app.inject('/insights/cities')).json(), {
    feed: 'live-3',
    ...bounds,
    cities: [
      { rank: 1, ...place },
      { rank: 2, ...place },
    ],
    counties: [{ rank: 1, ...place }],
  })
})

t.test('before the first window there is an empty list, not a fault', async (t) => {
  const app = await buildFakeApp(t)
  const none = { feed: 'live-3', windowStart: null, windowEnd: null }
  t.same((await app.inject('/insights/hotspots')).json(), { ...none, items: [] })
  t.same((await app.inject('/insights/cities')).json(), { ...none, cities: [], counties: [] })
  t.same((await app.inject('/insights/surges')).json(), { feed: 'live-3', open: [], ended: [] })
})

t.test('all open surges are told, and of those that are over the last ones by their end', async (t) => {
  const received = (event: ReturnType<typeof surge>) => ({
    windowStart: event.window_start,
    windowEnd: event.window_end,
    ...event.payload,
  })
  const insights = fakeInsights({
    readSurges: async () => [
      received(surge('862a90747ffffff', { area_kind: 'cell', state: 'OH', lat: 39.86, lng: -84.05 })),
      received(surge('CA', { startedAt: MINUTE, endedAt: 2 * MINUTE })),
      received(surge('TX', { startedAt: 0, endedAt: 3 * MINUTE })),
    ],
  })
  const app = await buildFakeApp(t, { insights })
  const { open, ended } = (await app.inject('/insights/surges?limit=1')).json()
  t.match(open, [
    { areaKind: 'cell', area: '862a90747ffffff', state: 'OH', map: { x: Number }, endedAt: null },
  ])
  t.same(ended, [
    {
      areaKind: 'state',
      area: 'TX',
      state: 'TX',
      lat: null,
      lng: null,
      map: null,
      startedAt: '1970-01-01T00:00:00.000Z',
      endedAt: '1970-01-01T00:03:00.000Z',
      windowStart: '1969-12-31T23:58:00.000Z',
      windowEnd: '1970-01-01T00:03:00.000Z',
      count: 12,
      expected: 1.5,
      surprise: 7.25,
    },
  ])
  t.equal((await app.inject('/insights/surges?limit=101')).statusCode, 400)
})

t.test('a rejected record is shown by its reasons and a beginning that is safe to print', async (t) => {
  const { id, payload } = rejected(7, 'r-7')
  const bytes = Buffer.from(`\u0000\u001b[31m{"seq":7}${'x'.repeat(500)}\n`)
  const insights = fakeInsights({
    readRejected: async () => [
      { ...payload, bytes_base64: bytes.toString('base64'), id, eventTime: NOW, streamId: '1-0' },
    ],
  })
  const app = await buildFakeApp(t, { insights })
  const [item] = (await app.inject('/insights/rejected')).json().items
  t.match(item, { seq: 7, reasons: ['not JSON'], shardId: 'shardId-000000000000' })
  t.match(item.excerpt, /^··\[31m\{"seq":7\}x+$/)
  t.ok(item.excerpt.length <= 160)
})
