import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { backoffDelay } from '../../lib/retry.ts'
import { toIsoTime } from '../field-types.ts'
import { writeAlertMessage } from './alert-message.ts'
import type { Publication } from './incident.ts'
import type { Topic } from './sns-topic.ts'
import type { Unpublished, Watch, WatchStore } from './watch-store.ts'

/** Another replica may have left something behind. */
const LOOK_INTERVAL_MS = 1_000
const BACKOFF = { baseMs: 500, maxMs: 10_000 }
const MAX_ERROR_LENGTH = 300

export type OutboxPublisher = {
  /** There is something new to be told. */
  wake(): void
  run(signal: AbortSignal): Promise<void>
}

/**
 * Tells what is in the outbox, oldest first, one after the other: that an incident is over comes after that it has begun.
 * A try is recorded before the call and its outcome after it, so only what is interrupted in between comes twice, under
 * the same dedup id.
 */
export function createOutboxPublisher(options: {
  store: Pick<WatchStore, 'nextUnpublished' | 'record'>
  topic: Topic
  runbookUrl: string
  /** Undefined while another api watches. */
  watch: () => Watch | undefined
  clock: Clock
  log: Log
  metrics: Metrics
}): OutboxPublisher {
  const { store, topic, runbookUrl, clock, log } = options
  const results = options.metrics.counter('alert_publications_total')
  let waking = new AbortController()
  let failures = 0

  /** True when there may be more. */
  async function publishNext(): Promise<boolean> {
    const watch = options.watch()
    if (watch === undefined) return false
    const next = await store.nextUnpublished()
    if (next === undefined) return false
    const tried = { ...next.publication, attempts: next.publication.attempts + 1 }
    if (!(await store.record(watch, tried, 'tried'))) return false
    const outcome = await publish(next, tried)
    await store.record(watch, outcome, outcome.state === 'published' ? 'taken' : 'tried')
    return outcome.state === 'published'
  }

  async function publish({ incident }: Unpublished, tried: Publication): Promise<Publication> {
    const { dedupId, event } = tried
    try {
      const messageId = await topic.publish(writeAlertMessage(incident, event, runbookUrl))
      log.info({ dedupId, messageId }, 'incident told')
      results.inc({ result: 'published' })
      failures = 0
      return { ...tried, state: 'published', at: toIsoTime(clock.now()), messageId, error: null }
    } catch (error) {
      // Once for each outage; `/health/fleet` says so all the time.
      if (failures === 0)
        log.error({ error: describeError(error), dedupId }, 'incident not told, trying again')
      failures++
      results.inc({ result: 'failed' })
      return { ...tried, state: 'failed', error: describeError(error).slice(0, MAX_ERROR_LENGTH) }
    }
  }

  async function pause(signal: AbortSignal): Promise<void> {
    waking = new AbortController()
    // Something new does not hurry what just failed.
    const stop = failures > 0 ? signal : AbortSignal.any([signal, waking.signal])
    await clock.sleep(failures > 0 ? backoffDelay(failures, BACKOFF) : LOOK_INTERVAL_MS, stop)
  }

  return {
    wake: () => waking.abort(),
    async run(signal) {
      while (!signal.aborted) {
        try {
          if (await publishNext()) continue
        } catch (error) {
          log.warn({ error: describeError(error) }, 'outbox not read')
        }
        await pause(signal)
      }
    },
  }
}
