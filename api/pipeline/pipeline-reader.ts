import type { TallyCounts } from '../../lib/events/envelope.ts'
import { type Feed, isOver, kindOf } from '../../lib/feeds/feed.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { toIsoTime, toIsoTimeOrNull } from '../field-types.ts'
import type { BrokenSince } from './broken-since.ts'
import { type FeedReading, type FlinkCounts, type Judgement, judgeConservation } from './conservation.ts'
import { CountsHistory } from './counts-history.ts'
import type { FeedPipeline, Pipeline } from './pipeline.ts'

/** Older feeds are over and were judged; a page and a test look at the newest. */
const FEEDS_SHOWN = 20
const FOREIGN_SHOWN = 5

const NOTHING_COUNTED: TallyCounts = {
  in: 0,
  resent: 0,
  rejected: 0,
  valid: 0,
  repeated: 0,
  unique: 0,
  on_time: 0,
  late: 0,
}

export type PipelineReader = { read(now: number): Promise<Pipeline> }

/** Reads all counts of the newest feeds and judges them. Remembers earlier readings, so it wants to be called often. */
export function createPipelineReader(options: {
  feeds: Pick<FeedStore, 'list' | 'live' | 'counts' | 'emittedAsOf'>
  insights: Pick<InsightReader, 'readTally' | 'readReceived' | 'listReceivedFeeds'>
  brokenSince: BrokenSince
  /** Since when the consumers rebuild their effects, epoch ms. */
  rebuiltSince(): Promise<number | undefined>
}): PipelineReader {
  const { feeds, insights, brokenSince } = options
  const history = new CountsHistory()

  async function readCounts(name: string, feed: Feed | undefined, now: number): Promise<FeedReading> {
    const [tally, received, producer] = await Promise.all([
      insights.readTally(name),
      insights.readReceived(name),
      feed === undefined ? undefined : feeds.counts(name),
    ])
    return {
      at: now,
      producer,
      flink: toFlinkCounts(tally?.counts ?? NOTHING_COUNTED),
      watermark: tally?.watermark,
      received,
    }
  }

  async function judge(name: string, feed: Feed | undefined, counts: FeedReading): Promise<Judgement> {
    const emittedByWatermark =
      feed === undefined || counts.watermark === undefined
        ? 0
        : await feeds.emittedAsOf(name, counts.watermark)
    return judgeConservation(counts, {
      endedAt: feed !== undefined && isOver(feed.state) ? feed.finishedAt : undefined,
      emittedByWatermark,
      asOf: (time) => history.asOf(name, time),
    })
  }

  async function readFeed(
    name: string,
    feed: Feed | undefined,
    isLive: boolean,
    now: number,
  ): Promise<FeedPipeline> {
    const counts = await readCounts(name, feed, now)
    history.add(name, counts)
    const { differences, isSettled } = await judge(name, feed, counts)
    const isBroken = Object.values(differences).some((difference) => difference !== 0)
    const since = await brokenSince.observe(name, isSettled ? 'settled' : isBroken ? 'broken' : 'whole', now)
    const { windowed, ...received } = counts.received
    return {
      feed: name,
      alias: isLive ? 'live' : null,
      state: feed?.state ?? null,
      settled: isSettled,
      ...(counts.producer ?? { read: 0, refused: 0, filtered: 0, emitted: 0, recovered: 0 }),
      ...counts.flink,
      received,
      windowed,
      watermark: toIsoTimeOrNull(counts.watermark),
      ...history.rates(name),
      differences,
      brokenSince: toIsoTimeOrNull(since),
    }
  }

  return {
    async read(now) {
      const [known, live, received, rebuiltSince] = await Promise.all([
        feeds.list({ limit: FEEDS_SHOWN, kinds: ['live', 'replay'] }),
        feeds.live(),
        insights.listReceivedFeeds(),
        options.rebuiltSince(),
      ])
      const ours = new Map<string, Feed | undefined>(known.feeds.map((feed) => [feed.name, feed]))
      // What no feed of ours sent would otherwise be nowhere; somebody else chose these names, so there is a bound.
      const others = received.filter((name) => kindOf(name) === undefined).slice(0, FOREIGN_SHOWN)
      const shown = new Map([...ours, ...others.map((name) => [name, undefined] as const)])
      history.retain(new Set(shown.keys()))
      brokenSince.retain(new Set(shown.keys()))
      const readings = [...shown].map(([name, feed]) => readFeed(name, feed, name === live?.name, now))
      return {
        asOf: toIsoTime(now),
        rebuiltSince: toIsoTimeOrNull(rebuiltSince),
        feeds: await Promise.all(readings),
      }
    },
  }
}

function toFlinkCounts({ on_time, ...counts }: TallyCounts): FlinkCounts {
  return { ...counts, onTime: on_time }
}
