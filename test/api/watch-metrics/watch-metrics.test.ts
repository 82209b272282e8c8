import t from 'tap'
import type { Snapshot } from '../../../api/live/snapshot-reader.ts'
import type { FeedPipeline } from '../../../api/pipeline/pipeline.ts'
import type { Facts } from '../../../api/watch-metrics/facts.ts'
import { pipelineFacts } from '../../../api/watch-metrics/pipeline-facts.ts'
import { roadFacts } from '../../../api/watch-metrics/road-facts.ts'
import { showWhileOnWatch } from '../../../api/watch-metrics/watch-metrics.ts'
import { LAWS } from '../../../lib/process/metrics/labels.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { FakeSnapshots, fakeInsights, fakeSnapshot } from '../../support/fake-app.ts'

const { at: NOW } = fakeSnapshot()

function setUp(snapshot: Snapshot, insights = fakeInsights()) {
  const metrics = createMetrics('api', '0')
  const snapshots = new FakeSnapshots(snapshot)
  const watch = { isHeld: true }
  const facts = [pipelineFacts(metrics), roadFacts(metrics, insights)]
  showWhileOnWatch(facts, { metrics, snapshots, isOnWatch: () => watch.isHeld })
  return { metrics, snapshots, watch }
}

function feed(name: string, changes: Partial<FeedPipeline> = {}): FeedPipeline {
  const counts = { read: 10, refused: 1, filtered: 0, emitted: 9, recovered: 0 }
  const flink = { in: 7, resent: 1, rejected: 1, valid: 5, repeated: 1, unique: 4, onTime: 3, late: 1 }
  return {
    feed: name,
    alias: null,
    state: 'running',
    settled: false,
    ...counts,
    ...flink,
    received: { accident: 3, accidentLate: 0, rejected: 0 },
    windowed: 2,
    watermark: new Date(NOW - 45_000).toISOString(),
    emittedPerSecond: 0,
    receivedPerSecond: 0,
    differences: { ...zero, ...changes.differences },
    brokenSince: null,
    ...changes,
  }
}
const zero = Object.fromEntries(LAWS.map((law) => [law, 0])) as FeedPipeline['differences']

function withFeeds(...feeds: FeedPipeline[]): Snapshot {
  const snapshot = fakeSnapshot()
  return { ...snapshot, pipeline: { ...snapshot.pipeline, feeds } }
}

t.test('an api that is not on watch shows what another one shows, or what was', async (t) => {
  const { metrics, snapshots, watch } = setUp(withFeeds(feed('live-1')))
  const shown = /^(feeds|pipeline_\w+|conservation_\w+|roads_\w+)(\{.*)? /m
  t.match(await metrics.render(), shown)
  watch.isHeld = false
  t.notMatch(await metrics.render(), shown)
  watch.isHeld = true
  t.match(await metrics.render(), shown)
  snapshots.publish(undefined as unknown as Snapshot)
  t.notMatch(await metrics.render(), shown, 'the last snapshot is too old')
})

t.test(
  'a loss in one feed is made up for by a surplus in another, or live and replays are one',
  async (t) => {
    const { metrics } = setUp(
      withFeeds(
        feed('live-2', { differences: { ...zero, windows: -3 } }),
        feed('live-1', { differences: { ...zero, windows: 3 }, state: 'finished' }),
        feed('replay-a', { watermark: new Date(NOW - 600_000).toISOString() }),
        feed('unknown', { state: null, rejected: 4, in: 4, resent: 0, emitted: 0 }),
      ),
    )
    const text = await metrics.render()
    t.match(text, 'conservation_difference_rows{feed_kind="live",law="windows"} 6\n')
    t.match(text, 'conservation_difference_rows{feed_kind="replay",law="windows"} 0\n')
    t.match(text, 'feeds{feed_kind="live",state="running"} 1\n')
    t.match(text, 'feeds{feed_kind="live",state="finished"} 1\n')
    t.match(text, 'pipeline_rows{feed_kind="live",place="emitted"} 18\n')
    t.match(
      text,
      'pipeline_backlog_rows{feed_kind="live",stage="flink"} 6\n',
      'emitted less what was counted',
    )
    t.match(text, 'pipeline_backlog_rows{feed_kind="live",stage="consumer"} 4\n')
    t.match(text, 'pipeline_watermark_lag_seconds{feed_kind="live"} 45\n')
    t.match(text, 'pipeline_watermark_lag_seconds{feed_kind="replay"} 600\n')
    for (const law of LAWS) t.match(text, `conservation_difference_rows{feed_kind="live",law="${law}"}`)
  },
)

t.test(
  'a hotspot stays on the map when it has left the ranking, or a minute when the next has closed',
  async (t) => {
    const minute = NOW - (NOW % 60_000)
    const asked: number[] = []
    const { metrics, snapshots } = setUp(
      withRoads(minute + 12_000, [
        { rank: 1, lat: 41.5, lng: -81.69999 },
        { rank: 2, lat: 40, lng: -80 },
      ]),
      fakeInsights({
        async readSeverityMinutes(_feed, from) {
          asked.push(from)
          return from === minute
            ? []
            : [
                {
                  minute: from,
                  isProvisional: false,
                  bySeverity: new Map([[2, 5]]),
                  byState: new Map([['OH', 5]]),
                  cells: [{ state: 'OH', severity: 2, count: 5 }],
                },
              ]
        },
      }),
    )
    const before = await metrics.render()
    t.match(before, 'roads_hotspot_weight{rank="1",lat="41.5000",lon="-81.7000"} 7\n')
    t.match(before, 'roads_hotspot_weight{rank="2",lat="40.0000",lon="-80.0000"} 7\n')
    t.match(before, 'roads_accidents{state="OH",severity="2"} 5\n')
    t.match(before, `roads_minute_timestamp_seconds ${(minute - 60_000) / 1_000}\n`)
    t.match(before, 'roads_surges_open{area_kind="state"} 0\n')
    snapshots.publish(withRoads(minute + 60_000, [{ rank: 1, lat: 40, lng: -80 }]))
    const after = await metrics.render()
    t.match(after, 'roads_hotspot_weight{rank="1",lat="40.0000",lon="-80.0000"} 7\n')
    t.equal((after.match(/^roads_hotspot_weight\{/gm) ?? []).length, 1)
    t.notMatch(after, /^roads_accidents\{/m)
    t.match(after, `roads_minute_timestamp_seconds ${minute / 1_000}\n`, 'a minute without accidents')
    t.strictSame(asked, [minute - 60_000, minute], 'the last that is closed')
  },
)

function withRoads(watermark: number, cells: { rank: number; lat: number; lng: number }[]): Snapshot {
  const snapshot = fakeSnapshot()
  const { live } = snapshot
  if (live === undefined) throw new Error('no live feed')
  const items = cells.map((cell) => ({ ...cell, cell: '8626', map: null, count: 3, weight: 7 }))
  const severity = { ...live.severity, watermark: new Date(watermark).toISOString() }
  return { ...snapshot, live: { ...live, severity, hotspots: { ...live.hotspots, items } } }
}

t.test('facts that cannot be read keep the other metrics from being scraped', async (t) => {
  const metrics = createMetrics('api', '0')
  const snapshots = new FakeSnapshots(fakeSnapshot())
  const cleared: string[] = []
  const failing = (name: string, measure: Facts['measure']): Facts => ({
    measure,
    clear: () => cleared.push(name),
  })
  const facts = [failing('refused', () => Promise.reject(new Error('no redis'))), pipelineFacts(metrics)]
  showWhileOnWatch(facts, { metrics, snapshots, isOnWatch: () => true })
  t.match(await metrics.render(), 'pipeline_rows{')
  t.strictSame(cleared, ['refused', 'refused'], 'at the beginning, and then')
})
