import t from 'tap'
import { BrokenSince } from '../../../api/pipeline/broken-since.ts'
import { createPipelineReader } from '../../../api/pipeline/pipeline-reader.ts'
import { type Feed, NO_COUNTS } from '../../../lib/feeds/feed.ts'
import type { InsightReader } from '../../../lib/insights/insight-reader.ts'
import { fakeInsights, LIVE_FEED, NOW } from '../../support/fake-app.ts'

const counts = { in: 12, resent: 2, rejected: 1, valid: 9, repeated: 2, unique: 7, on_time: 6, late: 1 }
const producer = { ...NO_COUNTS, read: 11, emitted: 10, refused: 1 }
const received = { accident: 6, accidentLate: 1, rejected: 1, windowed: 6 }

function readerOf(feed: Feed, insights: Partial<InsightReader>) {
  return createPipelineReader({
    feeds: {
      list: async () => ({ feeds: [feed] }),
      live: async () => feed,
      counts: async () => producer,
      emittedAsOf: async () => 10,
    },
    insights: fakeInsights({
      readTally: async () => ({ watermark: NOW - 31_000, counts }),
      readReceived: async () => received,
      ...insights,
    }),
    brokenSince: new BrokenSince({
      read: async () => undefined,
      write: async (_feed, since) => since,
      remove: async () => {},
    }),
    rebuiltSince: async () => NOW - 60_000,
  })
}

t.test('all counts of the contract are there by their names', async (t) => {
  const finished: Feed = { ...LIVE_FEED, state: 'finished', finishedAt: NOW - 1_000 }
  const { feeds, asOf } = await readerOf(finished, {}).read(NOW)
  t.equal(asOf, new Date(NOW).toISOString())
  t.match(feeds[0], {
    feed: 'live-3',
    alias: 'live',
    state: 'finished',
    settled: true,
    read: 11,
    refused: 1,
    filtered: 0,
    emitted: 10,
    recovered: 0,
    in: 12,
    resent: 2,
    rejected: 1,
    valid: 9,
    repeated: 2,
    unique: 7,
    onTime: 6,
    late: 1,
    received: { accident: 6, accidentLate: 1, rejected: 1 },
    windowed: 6,
    brokenSince: null,
  })
})

t.test('a feed is not settled while it runs, nor when a single record is missing', async (t) => {
  const running = await readerOf(LIVE_FEED, {}).read(NOW)
  t.equal(running.feeds[0]?.settled, false)
  const finished: Feed = { ...LIVE_FEED, state: 'finished', finishedAt: NOW - 300_000 }
  const short = await readerOf(finished, { readReceived: async () => ({ ...received, accident: 5 }) }).read(
    NOW,
  )
  t.match(short.feeds[0], { settled: false, differences: { accident: -1 }, brokenSince: asIso(NOW) })
})

t.test('what is on stream 1 and is nobody’s feed is shown, and its number is bounded', async (t) => {
  const names = ['unknown', 'live-3', 'live-1', ...Array.from({ length: 50 }, (_, i) => `intruder-${i}`)]
  const { feeds } = await readerOf(LIVE_FEED, { listReceivedFeeds: async () => names }).read(NOW)
  t.same(
    feeds.map(({ feed }) => feed),
    ['live-3', 'unknown', 'intruder-0', 'intruder-1', 'intruder-2', 'intruder-3'],
  )
  t.match(feeds[1], { alias: null, state: null, emitted: 0, differences: { producer: 0, streamOne: 0 } })
})

const asIso = (ms: number) => new Date(ms).toISOString()

t.test('counts that began anew after Redis had lost them look like all there ever was', async (t) => {
  const { rebuiltSince } = await readerOf(LIVE_FEED, {}).read(NOW)
  t.equal(rebuiltSince, new Date(NOW - 60_000).toISOString())
})
