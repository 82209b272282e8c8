import type { Redis } from 'ioredis'
import type { Feed } from '../../lib/feeds/feed.ts'
import type { FeedReader } from '../../lib/feeds/feed-store.ts'
import { readShardTable } from '../../lib/kinesis/shard-table.ts'
import { readHeartbeats } from '../../lib/process/heartbeat.ts'
import type { Readiness } from '../../lib/process/probes.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import type { FeedPipeline } from '../pipeline/pipeline.ts'
import { DEPENDENCIES, type Observation, type ObservedFeed } from './observation.ts'
import type { RawLayerTip } from './raw-layer-tip.ts'

/** As many as the pipeline shows. */
const FEEDS_LOOKED_AT = 20

/** Reads everything that one pass of the watchdog looks at. */
export function createObserver(options: {
  redis: Redis
  /** The consumers' name of their leases. */
  application: string
  feeds: Pick<FeedReader, 'list'>
  snapshots: Snapshots
  rawLayer: RawLayerTip
  dependencies: () => Promise<Readiness['checks']>
}): () => Promise<Observation> {
  const { redis, feeds, snapshots } = options
  return async () => {
    const [heartbeats, shards, known, dependencies] = await Promise.all([
      readHeartbeats(redis),
      readShardTable(redis, options.application),
      feeds.list({ limit: FEEDS_LOOKED_AT, kinds: ['live', 'replay'] }),
      options.dependencies(),
    ])
    const plans = new Map(known.feeds.map((feed) => [feed.name, feed]))
    const failing = DEPENDENCIES.flatMap((name) => {
      const check = dependencies[name]
      return check?.status === 'failing' ? [[name, check.error ?? 'no answer'] as const] : []
    })
    return {
      heartbeats,
      shards,
      feeds: snapshots.latest()?.pipeline.feeds.map((feed) => observeFeed(feed, plans.get(feed.feed))),
      newestRawObject: options.rawLayer.newest(),
      failingDependencies: Object.fromEntries(failing),
    }
  }
}

function observeFeed(feed: FeedPipeline, plan: Feed | undefined): ObservedFeed {
  const differences = Object.entries(feed.differences).filter(([, difference]) => difference !== 0)
  return {
    name: feed.feed,
    isLive: feed.alias === 'live',
    state: feed.state ?? undefined,
    read: feed.read,
    emitted: feed.emitted,
    counted: feed.in - feed.resent,
    watermark: feed.watermark,
    brokenSince: feed.brokenSince,
    differences: differences.map(([law, difference]) => `${law} ${difference}`).join(', '),
    ...(plan === undefined ? {} : { pace: plan.pace }),
    ...(plan?.message === undefined ? {} : { message: plan.message }),
    ...(plan?.finishedAt === undefined ? {} : { finishedAt: plan.finishedAt }),
  }
}
