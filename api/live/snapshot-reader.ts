import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { type CityInsight, readCities } from '../insights/cities.ts'
import { type HotspotInsight, readHotspots } from '../insights/hotspots.ts'
import { describeRejection, type RejectionItem } from '../insights/rejections.ts'
import { readSeverity, type SeverityInsight } from '../insights/severity.ts'
import { readSurges, type SurgeInsight } from '../insights/surges.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { PipelineReader } from '../pipeline/pipeline-reader.ts'
import type { Replay } from '../replays/replay-resource.ts'
import type { IncidentBoard, IncidentBoards } from '../watchdog/incident-board.ts'
import { AccidentRing, RING_SIZE } from './accident-ring.ts'
import { createReplayWatch } from './replay-watch.ts'

const MINUTES_SHOWN = 60
const REJECTIONS_SHOWN = 10
const ENDED_SURGES_SHOWN = 5

/** Everything that the page shows, read at one time. */
export type Snapshot = {
  /** Epoch ms. */
  at: number
  fleet: Fleet
  pipeline: Pipeline
  /** Those that run, and the newest of those that wait or ended a short time ago: see `createReplayWatch`. */
  replays: Replay[]
  incidents: IncidentBoard
  /** The newest live feed; absent before the first one. */
  live: LiveFeed | undefined
}

export type LiveFeed = {
  severity: SeverityInsight
  hotspots: HotspotInsight
  cities: CityInsight
  surges: SurgeInsight
  rejections: RejectionItem[]
  accidents: AccidentRing
}

/** Reads one snapshot after the other; of the accidents only what is new since the last one. */
export function createSnapshotReader(options: {
  feeds: Pick<FeedStore, 'live' | 'get' | 'list' | 'running' | 'progress' | 'emittedAsOf'>
  insights: InsightReader
  pipeline: PipelineReader
  readFleet(now: number): Promise<Fleet>
  boards: Pick<IncidentBoards, 'read'>
}): (now: number) => Promise<Snapshot> {
  const { feeds, insights } = options
  const readReplays = createReplayWatch(feeds)
  let ring: AccidentRing | undefined

  async function readAccidents(feed: string): Promise<AccidentRing> {
    const current = ring?.feed === feed ? ring : new AccidentRing(feed)
    const after = current.newestId
    current.append(
      await insights.readAccidents(feed, { limit: RING_SIZE, ...(after === undefined ? {} : { after }) }),
    )
    ring = current
    return current
  }

  async function readLive(now: number): Promise<LiveFeed | undefined> {
    const feed = await feeds.live()
    if (feed === undefined) return undefined
    const [severity, hotspots, cities, surges, rejected, accidents] = await Promise.all([
      readSeverity(insights, feed.name, { minutes: MINUTES_SHOWN, now }),
      readHotspots(insights, feed.name),
      readCities(insights, feed.name),
      readSurges(insights, feed.name, ENDED_SURGES_SHOWN),
      insights.readRejected(feed.name, REJECTIONS_SHOWN),
      readAccidents(feed.name),
    ])
    const rejections = rejected.toReversed().map(describeRejection)
    return { severity, hotspots, cities, surges, rejections, accidents }
  }

  return async (now) => {
    const [fleet, pipeline, live, replays, incidents] = await Promise.all([
      options.readFleet(now),
      options.pipeline.read(now),
      readLive(now),
      readReplays(now),
      options.boards.read(now),
    ])
    return { at: now, fleet, pipeline, replays, live, incidents }
  }
}
