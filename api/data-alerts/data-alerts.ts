import { type Clock, systemClock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { FeedReader } from '../../lib/feeds/feed-store.ts'
import type { InsightReader } from '../../lib/insights/insight-reader.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { backoffDelay } from '../../lib/retry.ts'
import type { Topic } from '../watchdog/sns-topic.ts'
import type { Watch } from '../watchdog/watch-store.ts'
import { collectDigests, type DigestSettings, withoutOutdated } from './collect-digests.ts'
import { writeDigestMessage } from './digest-message.ts'
import type { DigestStore } from './digest-store.ts'

const INTERVAL_MS = 1_000
/** As many as are kept of a feed. */
const ACCIDENTS_A_LOOK = 2_000
/** A digest that is on its way may arrive and be recorded; a Redis that is away is not waited for. */
const STOP_DEADLINE_MS = 1_500
const BACKOFF = { baseMs: 1_000, maxMs: 30_000 }

/**
 * Tells of severe accidents and surges of the live feed, while this api is on watch. Digests wait in Redis until SNS has
 * taken them: at least once, each under its dedup id.
 */
export function startDataAlerts(options: {
  store: DigestStore
  feeds: Pick<FeedReader, 'live'>
  insights: Pick<InsightReader, 'readAccidents' | 'readSurges'>
  topic: Topic
  settings: DigestSettings
  watch: () => Watch | undefined
  clock?: Clock
  log: Log
  metrics: Metrics
}): { stop(): Promise<void> } {
  const { store, feeds, insights, topic, settings, log } = options
  const clock = options.clock ?? systemClock
  const stopping = new AbortController()
  const results = options.metrics.counter('data_alerts_total')
  let failures = 0
  let failedAt = 0
  let isFailing = false

  /** False when another api watches, or there is nothing to look at. */
  async function look(watch: Watch): Promise<boolean> {
    const feed = await feeds.live()
    if (feed === undefined) return false
    const state = await store.readState()
    const after = state.cursor?.feed === feed.name ? { after: state.cursor.streamId } : {}
    const [accidents, surges] = await Promise.all([
      insights.readAccidents(feed.name, { limit: ACCIDENTS_A_LOOK, ...after }),
      insights.readSurges(feed.name),
    ])
    const next = collectDigests(state, { feed: feed.name, accidents, surges }, clock.now(), settings)
    return store.commit(watch, next.state, next.digests)
  }

  async function tellAll(): Promise<void> {
    if (failures > 0 && clock.monotonic() - failedAt < backoffDelay(failures, BACKOFF)) return
    for (let digest = await store.nextWaiting(); digest !== undefined; digest = await store.nextWaiting()) {
      if (options.watch() === undefined || stopping.signal.aborted) return
      const told = withoutOutdated(digest, clock.now())
      if (told !== undefined) {
        try {
          await topic.publish(writeDigestMessage(told))
          results.inc({ result: 'published' })
          failures = 0
        } catch (error) {
          if (failures === 0) log.error({ error: describeError(error) }, 'digest not told, trying again')
          failures++
          failedAt = clock.monotonic()
          results.inc({ result: 'failed' })
          return
        }
      } else results.inc({ result: 'outdated' })
      await store.remove(digest)
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const watch = options.watch()
        if (watch !== undefined && (await look(watch))) await tellAll()
        isFailing = false
      } catch (error) {
        if (!isFailing && !stopping.signal.aborted)
          log.warn({ error: describeError(error) }, 'data not looked at')
        isFailing = true
      }
      await clock.sleep(INTERVAL_MS, stopping.signal)
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
