import type { S3Client } from '@aws-sdk/client-s3'
import type { Redis } from 'ioredis'
import { createCloudWatchClient } from '../../lib/aws/cloudwatch-client.ts'
import { createSnsClient } from '../../lib/aws/sns-client.ts'
import { systemClock } from '../../lib/clock.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import { readShardTable } from '../../lib/kinesis/shard-table.ts'
import type { ProcessContext } from '../../lib/process/lifecycle.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { type CheckResult, createReadiness, type Readiness } from '../../lib/process/probes.ts'
import { startCloudWatch } from '../cloudwatch/cloudwatch.ts'
import { startDataAlerts } from '../data-alerts/data-alerts.ts'
import { createDigestStore } from '../data-alerts/digest-store.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import type { ApiOptions } from '../options.ts'
import { fleetFacts } from '../watch-metrics/fleet-facts.ts'
import { pipelineFacts } from '../watch-metrics/pipeline-facts.ts'
import { roadFacts } from '../watch-metrics/road-facts.ts'
import { showWhileOnWatch } from '../watch-metrics/watch-metrics.ts'
import { createIncidentBoards, type IncidentBoards } from './incident-board.ts'
import { createIncidentReader, type IncidentReader } from './incident-reader.ts'
import { createObserver } from './observer.ts'
import { createPassMetric } from './pass-metric.ts'
import { createRawLayerTip } from './raw-layer-tip.ts'
import { startRedisWatch } from './redis-watch.ts'
import { createSnsTopic, type Topic } from './sns-topic.ts'
import { createTelling } from './telling.ts'
import { createWantedNumbers } from './wanted/wanted-numbers.ts'
import { createWatchStore, type Watch } from './watch-store.ts'
import { startWatchdog } from './watchdog.ts'

export type Watching = {
  incidents: IncidentReader
  boards: IncidentBoards
  /** Begins to look at the fleet, together with the other apis. Resolves what ends it. */
  start(snapshots: Snapshots): { stop(): Promise<void> }
  /** Looks at Redis from the beginning. */
  stop(): Promise<void>
}

/** All that watches, put together for one api. */
export function createWatching(
  { options, log, signal }: ProcessContext<ApiOptions>,
  parts: {
    redis: Redis
    s3: S3Client
    feeds: FeedStore
    insights: InsightReader
    metrics: Metrics
    readiness: () => Promise<Readiness>
  },
): Watching {
  const { redis, s3, feeds, metrics, readiness } = parts
  const clock = systemClock
  const { RUNBOOK_URL: runbookUrl, WORKER_ID: workerId, ALERT_TOPIC_ARN: topicArn } = options
  const topic = topicArn === undefined ? undefined : createSnsTopic(createSnsClient(options), topicArn)
  if (topic === undefined) log.warn('nobody is told of incidents: ALERT_TOPIC_ARN is not set')
  const store = createWatchStore(redis, workerId)
  const wanted = createWantedNumbers(options, {
    // Loaded only where services of ECS are to be asked: its client takes 3 MB.
    connectEcs: async (cluster) => {
      const { createDesiredCounts } = await import('./wanted/desired-counts.ts')
      return createDesiredCounts(options, cluster)
    },
    clock,
    log,
    signal,
  })
  const incidents = createIncidentReader(redis, runbookUrl)
  const redisWatch = startRedisWatch({
    ping: () => redis.ping(),
    workerId,
    topic,
    runbookUrl,
    onOver: (incident, publications) => store.noteOver(incident, publications),
    log,
  })
  const sns = createSnsCheck(topic)
  const boards = createIncidentBoards({
    reader: incidents,
    redisWatch,
    telling: createTelling({ isConfigured: topic !== undefined, clock }),
    checkSns: () => sns.latest(),
    runbookUrl,
    clock,
  })

  function startDataAlertsIfWanted(watch: () => Watch | undefined) {
    if (options.DATA_ALERT_TOPIC_ARN === undefined) return undefined
    return startDataAlerts({
      store: createDigestStore(redis, workerId),
      feeds,
      insights: parts.insights,
      topic: createSnsTopic(createSnsClient(options), options.DATA_ALERT_TOPIC_ARN),
      settings: {
        minSeverity: options.DATA_ALERT_MIN_SEVERITY,
        minIntervalMs: options.DATA_ALERT_INTERVAL_SECONDS * 1_000,
      },
      watch,
      log,
      metrics,
    })
  }

  return {
    incidents,
    boards,
    start(snapshots) {
      const cloudWatch = createCloudWatchClient(options)
      const isOnWatch = () => watchdog.current() !== undefined
      const watchdog = startWatchdog({
        store,
        observe: createObserver({
          redis,
          application: options.CONSUMER_APPLICATION,
          feeds,
          snapshots,
          rawLayer: createRawLayerTip({ s3, bucket: options.RAW_BUCKET, clock, log }),
          dependencies: async () => ({ ...(await readiness()).checks, ...(await sns.checks()) }),
        }),
        wanted,
        topic,
        runbookUrl,
        rawLayerMaxAgeMs: options.RAW_LAYER_MAX_AGE_SECONDS * 1_000,
        onPass: createPassMetric({ cloudWatch, clock, log, metrics }),
        log,
        metrics,
      })
      showWhileOnWatch(
        [
          fleetFacts(metrics, { redis, application: options.CONSUMER_APPLICATION, store, wanted }),
          pipelineFacts(metrics),
          roadFacts(metrics, parts.insights),
        ],
        { metrics, snapshots, isOnWatch },
      )
      const publisher = startCloudWatch({
        cloudWatch,
        settings: {
          intervalSeconds: options.CLOUDWATCH_INTERVAL_SECONDS,
          accidents: options.CLOUDWATCH_ACCIDENTS,
          topPlaces: options.CLOUDWATCH_TOP_PLACES,
        },
        isOnWatch,
        feeds,
        insights: parts.insights,
        readShards: () => readShardTable(redis, options.CONSUMER_APPLICATION),
        snapshots,
        log,
        metrics,
      })
      const dataAlerts = startDataAlertsIfWanted(() => watchdog.current())
      return {
        async stop() {
          await Promise.all([watchdog.stop(), publisher.stop(), dataAlerts?.stop()])
        },
      }
    },
    stop: () => redisWatch.stop(),
  }
}

/** Not among the checks of `/health/ready`: an api that cannot tell anybody still answers. */
function createSnsCheck(topic: Topic | undefined): {
  checks(): Promise<Readiness['checks']>
  /** The last answer; asks anew in the background. */
  latest(): CheckResult | undefined
} {
  if (topic === undefined) return { checks: async () => ({}), latest: () => undefined }
  const readiness = createReadiness({ sns: () => topic.check() }, () => false)
  let last: CheckResult | undefined
  async function checks(): Promise<Readiness['checks']> {
    const { checks } = await readiness()
    last = checks['sns']
    return checks
  }
  return {
    checks,
    latest() {
      void checks()
      return last
    },
  }
}
