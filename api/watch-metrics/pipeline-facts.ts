import { FEED_STATES } from '../../lib/feeds/feed.ts'
import { feedKindOf } from '../../lib/process/metrics/feed-kind.ts'
import { FEED_KIND, LAWS } from '../../lib/process/metrics/labels.ts'
import type { LabelsOf, Metrics } from '../../lib/process/metrics/metrics.ts'
import type { FeedPipeline } from '../pipeline/pipeline.ts'
import type { Facts } from './facts.ts'

type Place = NonNullable<LabelsOf<'pipeline_rows'>['place']>

/** Where rows are counted, in their order. */
const COUNTS: Record<Place, (feed: FeedPipeline) => number> = {
  read: (feed) => feed.read,
  refused: (feed) => feed.refused,
  filtered: (feed) => feed.filtered,
  recovered: (feed) => feed.recovered,
  emitted: (feed) => feed.emitted,
  in: (feed) => feed.in,
  resent: (feed) => feed.resent,
  rejected: (feed) => feed.rejected,
  valid: (feed) => feed.valid,
  repeated: (feed) => feed.repeated,
  unique: (feed) => feed.unique,
  on_time: (feed) => feed.onTime,
  late: (feed) => feed.late,
  received_accident: (feed) => feed.received.accident,
  received_accident_late: (feed) => feed.received.accidentLate,
  received_rejected: (feed) => feed.received.rejected,
  windowed: (feed) => feed.windowed,
}
const PLACES = Object.keys(COUNTS) as Place[]

/** What flows, of live feeds and of all others. */
export function pipelineFacts(metrics: Metrics): Facts {
  const feeds = metrics.gauge('feeds')
  const rows = metrics.gauge('pipeline_rows')
  const backlog = metrics.gauge('pipeline_backlog_rows')
  const watermarkLag = metrics.gauge('pipeline_watermark_lag_seconds')
  const differences = metrics.gauge('conservation_difference_rows')

  return {
    clear() {
      for (const gauge of [feeds, rows, backlog, watermarkLag, differences]) gauge.clear()
    },

    measure:
      async ({ at, pipeline }) =>
      () => {
        for (const feed_kind of FEED_KIND) {
          const ofKind = pipeline.feeds.filter(({ feed }) => feedKindOf(feed) === feed_kind)
          for (const state of FEED_STATES) {
            feeds.set({ feed_kind, state }, ofKind.filter((feed) => feed.state === state).length)
          }
          for (const place of PLACES) rows.set({ feed_kind, place }, sum(ofKind, COUNTS[place]))
          backlog.set({ feed_kind, stage: 'flink' }, sum(ofKind, beforeFlink))
          backlog.set({ feed_kind, stage: 'consumer' }, sum(ofKind, beforeConsumer))
          for (const law of LAWS) {
            differences.set(
              { feed_kind, law },
              sum(ofKind, (feed) => Math.abs(feed.differences[law])),
            )
          }
          const watermarks = ofKind.flatMap(({ state, watermark }) =>
            state === 'running' && watermark !== null ? [Date.parse(watermark)] : [],
          )
          if (watermarks.length > 0) {
            watermarkLag.set({ feed_kind }, Math.max(0, at - Math.min(...watermarks)) / 1_000)
          }
        }
      },
  }
}

/** What one place has counted may be read a moment before the other: nothing is behind by less than no row. */
function beforeFlink({ emitted, in: counted, resent }: FeedPipeline): number {
  return Math.max(0, emitted - (counted - resent))
}

function beforeConsumer({ onTime, late, rejected, received }: FeedPipeline): number {
  const has = received.accident + received.accidentLate + received.rejected
  return Math.max(0, onTime + late + rejected - has)
}

function sum(feeds: readonly FeedPipeline[], count: (feed: FeedPipeline) => number): number {
  return feeds.reduce((total, feed) => total + count(feed), 0)
}
