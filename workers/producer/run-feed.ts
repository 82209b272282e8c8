import { hasCode, RoadpulseError } from '../../lib/errors.ts'
import type { Feed, FeedCounts, Pace } from '../../lib/feeds/feed.ts'
import type { RangeJob } from '../../lib/feeds/feed-queue.ts'
import type { FeedOutcome, FeedStore, RangeClaim } from '../../lib/feeds/feed-store.ts'
import { createPutBatcher, type PutBatcher, type PutBatcherOptions } from '../../lib/kinesis/put-batcher.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import { type Committer, createCommitter } from './committer.ts'
import { type OpenCsv, type OpenCsvOptions, openCsv } from './csv-source.ts'
import { followPace } from './follow-pace.ts'
import { createPacer } from './pace.ts'
import { createRefusedRows, type RefusedRows, type RefusedRowsOptions } from './refused-rows.ts'
import { sendRows } from './send-rows.ts'

/** A stop waits so long for what is in flight; what is not taken by then is sent again by the next runner. */
const RELEASE_DEADLINE_MS = 3_000
/** Rows may be sent so far beyond the committed position: enough for the dead letters that are collected for 1 s. */
const RESERVE_SECONDS = 3
const RESERVE_AT_LEAST_ROWS = 100
const RESERVE_AT_MAX_PACE_ROWS = 20_000

export type RunFeedOptions = Pick<OpenCsvOptions, 's3'> &
  Pick<PutBatcherOptions, 'put' | 'shardOf' | 'isTransient' | 'maxInFlightBytes' | 'onCall'> &
  Pick<RefusedRowsOptions, 'deadLetters' | 'onStored'> & {
    store: FeedStore
    unreadableShareLimit: number
    clock: PutBatcherOptions['clock']
    onOpen: (feed: Feed, claim: RangeClaim, csv: OpenCsv) => void
    /** The feed goes on at another pace. */
    onPace: (feed: Feed, pace: Pace) => void
    onCommit: (added: FeedCounts) => void
    onBuffered: (bytes: number) => void
    /** Something was in the way and is tried again. */
    onTrouble: (error: unknown) => void
  }

export type FeedRun =
  /** The feed is over: by this run, or before it began. */
  | { kind: 'over'; outcome?: FeedOutcome; next?: Feed; error?: RoadpulseError }
  /** The run was asked to stop: the range is for whoever takes it next. */
  | { kind: 'released' }

/**
 * Executes one range of a feed from its last committed position: read, encode, put, commit. Ends the feed when its
 * source does, when its source cannot be replayed, or when another live feed has taken its place. Throws when it
 * cannot go on for now (nothing is lost: another run resumes), and `FENCED` when another producer has taken over.
 */
export async function runFeed(options: RunFeedOptions, job: RangeJob, signal: AbortSignal): Promise<FeedRun> {
  const { store, clock } = options
  const feed = await store.get(job.feed)
  const claim = feed && (await store.claim(feed.name, job.range, reserveOf(feed, feed.pace)))
  if (feed === undefined || claim === undefined) return { kind: 'over' }

  const halt = new AbortController()
  const stop = AbortSignal.any([signal, halt.signal])
  const batcher = createPutBatcher(options)
  const refusedRows = createRefusedRows({ ...options, signal: stop, onRetry: options.onTrouble })
  let { pace } = feed
  const pacer = createPacer(pace, clock)
  const reserveRows = () => reserveOf(feed, pace)
  const committer = createCommitter({ ...options, feed, range: job.range, claim, reserveRows })
  committer.failed.catch((error: unknown) => halt.abort(error))

  const onChange = (next: Pace) => {
    pace = next
    pacer.setPace(next)
    options.onPace(feed, next)
  }
  let failure: unknown
  let complete = false
  try {
    const csv = await openCsv({
      ...options,
      source: feed.source,
      position: claim.position,
      signal: stop,
      onRetry: options.onTrouble,
    })
    options.onOpen(feed, claim, csv)
    void followPace({ store, feed, clock, signal: stop, onChange })
    complete = await sendRows({ ...options, feed, claim, csv, pacer, batcher, refusedRows, committer, stop })
  } catch (error) {
    failure = error
  }

  try {
    await settle({ batcher, refusedRows, committer, signal })
  } catch (error) {
    // What could not be committed in time is sent again; but a range that is another's is not ours to give back.
    if (!signal.aborted || hasCode(error, 'FENCED')) throw error
  } finally {
    halt.abort()
    batcher.close()
  }
  if (signal.aborted) return { kind: 'released' }

  const outcome = outcomeOf(failure, committer, complete)
  const next = await store.finish(feed, job.range, claim.epoch, outcome)
  return {
    kind: 'over',
    outcome,
    ...(next === undefined ? {} : { next }),
    ...(failure instanceof RoadpulseError ? { error: failure } : {}),
  }
}

function reserveOf(feed: Feed, pace: Pace): number {
  // How many rows must be read for those that are due is not known where a filter chooses among them.
  if (pace.kind !== 'rate' || feed.filter !== undefined) return RESERVE_AT_MAX_PACE_ROWS
  return Math.ceil(pace.rowsPerSecond * RESERVE_SECONDS) + RESERVE_AT_LEAST_ROWS
}

/** Waits until all that was sent is done and committed: as long as it takes, or for the deadline once asked to stop. */
async function settle(run: {
  batcher: PutBatcher
  refusedRows: RefusedRows
  committer: Committer
  signal: AbortSignal
}): Promise<void> {
  run.refusedRows.flush()
  const drained = run.committer.drain()
  await untilAborted(drained, run.signal)
  if (run.signal.aborted) {
    await run.batcher.flush(RELEASE_DEADLINE_MS)
    run.batcher.close()
  }
  await drained
}

/** Only a fault of the source ends a feed as failed; whatever else went wrong is thrown, to be tried again. */
function outcomeOf(failure: unknown, committer: Committer, complete: boolean): FeedOutcome {
  if (failure instanceof RoadpulseError && !failure.retryable && failure.code.startsWith('SOURCE_')) {
    return { state: 'failed', message: failure.message }
  }
  if (failure !== undefined) throw failure
  return { state: committer.endRequested() && !complete ? 'ended' : 'finished' }
}
