import t from 'tap'
import { importPageModule } from '../../support/page-module.ts'

type Status = { level: string; text: string }
type Worker = { id: string; kind: string; state: string; since: string; lastSeen: string }

const NOW = Date.UTC(2026, 10, 23, 12)
const { describeStatus } = await importPageModule<{ describeStatus: (state: unknown) => Status }>(
  'overview/status.js',
)

const format = await importPageModule<{
  formatClock: (time: string) => string
  formatMoment: (time: string) => string
}>('shell/format.js')

const iso = (secondsAgo: number) => new Date(NOW - secondsAgo * 1_000).toISOString()

/** As the page writes it, in the time zone of whoever looks. */
const moment = (secondsAgo: number) => format.formatMoment(iso(secondsAgo))
const clock = (secondsAgo: number) => format.formatClock(iso(secondsAgo))

function worker(kind: string, changes: Partial<Worker> = {}): Worker {
  return { id: `${kind}-1`, kind, state: 'running', since: iso(600), lastSeen: iso(1), ...changes }
}

const incident = (changes: object) => ({
  severity: 'critical',
  openedAt: iso(60),
  suppressedBy: null,
  ...changes,
})

const WORKERS = [worker('producer'), worker('consumer')]
const FEED = {
  feed: 'live-1',
  state: 'running',
  settled: false,
  brokenSince: null,
  emittedPerSecond: 50,
  watermark: iso(31),
  differences: { accident: 0 },
}

const CASES: {
  title: string
  feed?: object
  workers?: Worker[]
  shards?: object[]
  incidents?: object
  expected: Status
}[] = [
  {
    title: 'a running feed with every worker is well',
    expected: { level: 'good', text: 'All is well: rows flow, and every count agrees.' },
  },
  {
    title: 'a difference comes before everything else',
    feed: { ...FEED, brokenSince: iso(9), differences: { accident: -3 } },
    workers: [],
    expected: { level: 'bad', text: `The counts do not agree since ${moment(9)}. Accidents: 3 missing.` },
  },
  {
    title: 'a worker that was killed is named',
    workers: [worker('producer'), worker('consumer', { state: 'silent', lastSeen: iso(20) })],
    expected: { level: 'bad', text: 'The consumer consumer-1 has been silent since' },
  },
  {
    title: 'one that came back under another id is not missed',
    workers: [
      ...WORKERS,
      worker('consumer', { id: 'consumer-0', state: 'silent', since: iso(900), lastSeen: iso(605) }),
    ],
    expected: { level: 'good', text: 'All is well' },
  },
  {
    title: 'a clean stop of the only consumer is a warning',
    workers: [worker('producer'), worker('consumer', { state: 'stopped' })],
    expected: { level: 'warn', text: `No consumer is running since ${clock(1)}.` },
  },
  {
    title: 'a shard that nobody reads is a warning, one that was read to its end is not',
    shards: [
      { owner: null, checkpoint: '495' },
      { owner: null, checkpoint: 'SHARD_END' },
    ],
    expected: { level: 'warn', text: '1 shard of stream 2 without an owner.' },
  },
  {
    title: 'a Flink that stands still is a warning',
    feed: { ...FEED, watermark: iso(121) },
    expected: { level: 'warn', text: `Flink has not counted anything since ${clock(121)}.` },
  },
  {
    title: 'a producer that stands still is a warning',
    feed: { ...FEED, emittedPerSecond: 0 },
    expected: { level: 'warn', text: 'The producer has not emitted a row for ten seconds.' },
  },
  {
    title: 'a critical incident comes before what the page sees itself, which it explains; the oldest first',
    workers: [],
    incidents: {
      open: [
        incident({ severity: 'warning', openedAt: iso(90), summary: 'Too few consumers' }),
        incident({ openedAt: iso(20), summary: 'The consumer c-1 is down' }),
        incident({ openedAt: iso(30), summary: 'Redis cannot be reached since 12:00' }),
        incident({ openedAt: iso(95), summary: 'What Redis explains', suppressedBy: 'dependency.redis.1' }),
      ],
    },
    expected: { level: 'bad', text: 'Redis cannot be reached since 12:00. And 2 more.' },
  },
  {
    title: 'a warning of the watchdog is not hidden by what is well',
    incidents: { open: [incident({ severity: 'warning', summary: 'One of two consumers is left.' })] },
    expected: { level: 'warn', text: 'One of two consumers is left.' },
  },
  {
    title: 'a settled feed is well, although nothing flows',
    feed: { ...FEED, state: 'finished', settled: true, emittedPerSecond: 0 },
    expected: { level: 'good', text: 'live-1 is over and settled: nothing was lost.' },
  },
]

for (const { title, feed = FEED, workers = WORKERS, shards = [], incidents, expected } of CASES) {
  t.test(title, async (t) => {
    const status = describeStatus({ feed, fleet: { asOf: iso(0), workers, shards }, incidents })
    t.equal(status.level, expected.level)
    t.ok(status.text.startsWith(expected.text), status.text)
  })
}

t.test('a page that has heard nothing yet says so', async (t) => {
  t.equal(describeStatus({ feed: undefined, fleet: undefined }).level, 'idle')
})

t.test('surges that are on are one line: since when, where, and how many are only counted', async (t) => {
  const { describeSurges } = await importPageModule<{ describeSurges: (surges: unknown) => Status }>(
    'map/surges.js',
  )
  const state = { state: 'TX', lat: null, lng: null, startedAt: iso(60), count: 42, expected: 6.25 }
  const cell = { ...state, state: 'OH', lat: 39.862, lng: -84.051, count: 1_200, expected: 40.2 }
  t.match(describeSurges({ open: [state, cell, cell, cell], ended: [] }), {
    level: 'warn',
    text: /^Surge since \d\d:59 in TX: 42 accidents in 5 minutes, 6\.3 expected; since \d\d:59 in OH near 39\.86° N, 84\.05° W: 1,200 accidents in 5 minutes, 40 expected; and 2 more\.$/,
  })
  t.same(describeSurges({ open: [], ended: [] }), {
    level: 'idle',
    text: 'No state or cell has far more accidents than usual.',
  })
  t.match(describeSurges({ open: [], ended: [{ ...state, endedAt: iso(0) }, cell] }), {
    text: /than usual\. The last one, in TX, was over at \d\d:00\.$/,
  })
})
