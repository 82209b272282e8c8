import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import { type FeedState, isOver } from '../../lib/feeds/feed.ts'
import type { WorkerReport } from '../../lib/process/heartbeat.ts'
import type { Log } from '../../lib/process/log.ts'
import { feedKindOf } from '../../lib/process/metrics/feed-kind.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { measureRuns, type Slots } from './measure-runs.ts'
import type { RunName } from './range-worker.ts'
import type { RunRangeOptions } from './run-range.ts'

/** The same trouble is logged once in this long; the metrics count each. */
const LOG_INTERVAL_MS = 10_000

export type ProducerReport = {
  /** What a run tells while it goes on. */
  ofRun: Pick<
    RunRangeOptions,
    'onOpen' | 'onPace' | 'onCommit' | 'onRun' | 'onCall' | 'onStored' | 'onTrouble'
  >
  ofHeartbeat(): Pick<WorkerReport, 'progress' | 'lastError'>
  ended: (feed: string, state: FeedState) => void
  /** Replays wait so long for their share of the stream. */
  replaysWait: (ms: number) => void
  /** Something went wrong and is tried again. */
  trouble: (error: unknown, run?: RunName) => void
}

/** Turns what happens in the runs into metrics, log lines and the heartbeat's part. */
export function createProducerReport(options: {
  metrics: Metrics
  /** Ranges that are executed at most, by kind of feed. */
  slots: Slots
  /** Of each range that is under way. */
  maxInFlightBytes: number
  log: Log
  clock: Clock
}): ProducerReport {
  const { metrics, log, clock } = options
  const rows = metrics.counter('producer_rows_total')
  const putDuration = metrics.histogram('producer_put_duration_seconds')
  const putRecords = metrics.counter('producer_put_records_total')
  const endings = metrics.counter('producer_feeds_ended_total')
  const replayWait = metrics.counter('producer_replay_wait_seconds_total')
  const deadLetters = metrics.counter('dead_letters_total')
  const running = measureRuns(options)
  const progress = { rows: 0, emitted: 0 }
  let lastError: WorkerReport['lastError']
  let loggedAt = Number.NEGATIVE_INFINITY

  function trouble(error: unknown, run?: RunName): void {
    const message = describeError(error)
    const repeated = message === lastError?.message && clock.monotonic() - loggedAt < LOG_INTERVAL_MS
    lastError = { at: clock.now(), message }
    if (repeated) return
    loggedAt = clock.monotonic()
    log.warn({ ...run, error }, 'trouble, trying again')
  }

  return {
    trouble,
    ofHeartbeat: () => ({ progress: { ...progress }, ...(lastError === undefined ? {} : { lastError }) }),
    ended(feed, state) {
      if (isOver(state)) endings.inc({ feed_kind: feedKindOf(feed), state })
    },
    replaysWait: (ms) => replayWait.inc(ms / 1_000),
    ofRun: {
      onTrouble: trouble,
      onOpen({ name: feed }, { position: from, end, epoch }, source) {
        log.info({ feed, from, end, epoch }, 'feed claimed')
        for (const notice of source.notices) log.warn({ feed, notice }, 'source is not as expected')
      },
      onPace: (feed, pace) => log.info({ feed: feed.name, pace }, 'pace changed'),
      onRun(feed, run) {
        const of = { kind: feedKindOf(feed.name), run }
        running.add(of)
        return () => running.delete(of)
      },
      onCommit(feed, added) {
        progress.rows += added.read
        progress.emitted += added.emitted
        const feed_kind = feedKindOf(feed.name)
        rows.inc({ feed_kind, result: 'emitted' }, added.emitted)
        rows.inc({ feed_kind, result: 'refused' }, added.refused)
        rows.inc({ feed_kind, result: 'filtered' }, added.filtered)
      },
      onCall(stream, { durationMs, accepted, throttled, refused, error }) {
        putDuration.observe({ stream }, durationMs / 1_000)
        putRecords.inc({ stream, result: 'accepted' }, accepted)
        putRecords.inc({ stream, result: 'throttled' }, throttled)
        putRecords.inc({ stream, result: 'refused' }, refused)
        if (error !== undefined) trouble(new Error('records were not taken', { cause: error }))
      },
      onStored(letters) {
        for (const { origin } of letters) deadLetters.inc({ origin })
      },
    },
  }
}
