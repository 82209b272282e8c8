import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { WorkerReport } from '../../lib/process/heartbeat.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics.ts'
import type { RunFeedOptions } from './run-feed.ts'

/** The same trouble is logged once in this long; the metrics count each. */
const LOG_INTERVAL_MS = 10_000

export type ProducerReport = {
  /** What a run tells while it goes on. */
  ofRun: Pick<
    RunFeedOptions,
    'onOpen' | 'onPace' | 'onCommit' | 'onBuffered' | 'onCall' | 'onStored' | 'onTrouble'
  >
  ofHeartbeat(): Pick<WorkerReport, 'progress' | 'lastError'>
  /** Something went wrong and is tried again. */
  trouble: (error: unknown) => void
}

/** Turns what happens in the runs into metrics, log lines and the heartbeat's part. */
export function createProducerReport(options: { metrics: Metrics; log: Log; clock: Clock }): ProducerReport {
  const { metrics, log, clock } = options
  const rows = metrics.counter('producer_rows_total')
  const putDuration = metrics.histogram('producer_put_duration_seconds')
  const putRecords = metrics.counter('producer_put_records_total')
  const buffered = metrics.gauge('producer_buffered_bytes')
  const deadLetters = metrics.counter('dead_letters_total')
  const progress = { rows: 0, emitted: 0 }
  let lastError: WorkerReport['lastError']
  let loggedAt = Number.NEGATIVE_INFINITY

  function trouble(error: unknown): void {
    const message = describeError(error)
    const repeated = message === lastError?.message && clock.monotonic() - loggedAt < LOG_INTERVAL_MS
    lastError = { at: clock.now(), message }
    if (repeated) return
    loggedAt = clock.monotonic()
    log.warn({ error }, 'trouble, trying again')
  }

  return {
    trouble,
    ofHeartbeat: () => ({ progress: { ...progress }, ...(lastError === undefined ? {} : { lastError }) }),
    ofRun: {
      onTrouble: trouble,
      onOpen(feed, claim, csv) {
        log.info({ feed: feed.name, from: claim.position, epoch: claim.epoch }, 'feed claimed')
        if (csv.ignored.length > 0) log.warn({ feed: feed.name, columns: csv.ignored }, 'columns ignored')
      },
      onPace: (feed, pace) => log.info({ feed: feed.name, pace }, 'pace changed'),
      onCommit(added) {
        progress.rows += added.read
        progress.emitted += added.emitted
        rows.inc({ result: 'emitted' }, added.emitted)
        rows.inc({ result: 'refused' }, added.refused)
        rows.inc({ result: 'filtered' }, added.filtered)
      },
      onBuffered: (bytes) => buffered.set(bytes),
      onCall({ durationMs, accepted, refused, error }) {
        putDuration.observe(durationMs / 1_000)
        putRecords.inc({ result: 'accepted' }, accepted)
        putRecords.inc({ result: 'refused' }, refused)
        if (error !== undefined) trouble(new Error('records were not taken', { cause: error }))
      },
      onStored(letters) {
        for (const { origin } of letters) deadLetters.inc({ origin })
      },
    },
  }
}
