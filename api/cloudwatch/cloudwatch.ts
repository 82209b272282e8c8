import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { FeedReader } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import type { ShardRow } from '../../lib/kinesis/shard-table.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import type { Snapshots } from '../live/snapshot-loop.ts'
import { createAccidentValues } from './accident-values.ts'
import { fleetValues } from './fleet-values.ts'
import { createMetricSender } from './metric-sender.ts'
import { type CloudWatchSettings, monthlyCost } from './monthly-cost.ts'
import { placeValues } from './place-values.ts'

/** A call that is under way at the stop is not worth waiting for: another api publishes the same. */
const STOP_DEADLINE_MS = 500

/**
 * Publishes to CloudWatch what alarms look at and how many accidents there were, while this api is on watch: one
 * publisher, however many apis there are, so that nothing is paid for twice. It has a loop of its own and holds up
 * nobody; what could not be published is published later.
 */
export function startCloudWatch(options: {
  cloudWatch: Pick<CloudWatchClient, 'send'>
  settings: CloudWatchSettings
  isOnWatch: () => boolean
  feeds: Pick<FeedReader, 'list'>
  insights: Pick<InsightReader, 'readSeverityMinutes'>
  readShards: () => Promise<ShardRow[]>
  snapshots: Pick<Snapshots, 'latest'>
  clock?: Clock
  log: Log
  metrics: Metrics
}): { stop(): Promise<void> } {
  const { settings, snapshots, log } = options
  const clock = options.clock ?? systemClock
  const intervalMs = settings.intervalSeconds * 1_000
  const stopping = new AbortController()
  const send = createMetricSender({ ...options, clock, signal: stopping.signal })
  const accidents = createAccidentValues({ ...options, scope: settings.accidents })
  let isFailing = false
  log.info({ ...settings, ...monthlyCost(settings) }, 'metrics for CloudWatch, and what they cost a month')

  /** The fleet first: who is behind with accidents still rings alarms. */
  async function publish(): Promise<void> {
    const now = clock.now()
    const snapshot = snapshots.latest()
    if (snapshot !== undefined) {
      const fleet = fleetValues(snapshot.fleet, await options.readShards(), {
        now,
        errorAgeMs: 2 * intervalMs,
      })
      const places = snapshot.live === undefined ? [] : placeValues(snapshot.live.cities, settings.topPlaces)
      await send([...fleet, ...places], intervalMs)
    }
    const changed = await accidents.changed(now)
    await send(changed.data, intervalMs)
    changed.accepted()
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = clock.monotonic()
      try {
        if (options.isOnWatch()) {
          await publish()
          if (isFailing) log.info('CloudWatch takes metrics again')
          isFailing = false
        }
      } catch (error) {
        // Once for each outage; `cloudwatch_calls_total` counts each try.
        if (!isFailing && !stopping.signal.aborted)
          log.warn({ error: describeError(error) }, 'metrics not published to CloudWatch')
        isFailing = true
      }
      await clock.sleep(Math.max(0, intervalMs - (clock.monotonic() - startedAt)), stopping.signal)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await Promise.race([running, clock.sleep(STOP_DEADLINE_MS)])
    },
  }
}
