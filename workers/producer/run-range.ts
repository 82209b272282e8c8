import { hasCode, RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedCounts, type FeedState, isOver, type Pace } from '../../lib/feeds/feed.ts'
import type { RangeJob } from '../../lib/feeds/feed-queue.ts'
import type { FeedReader } from '../../lib/feeds/feed-store.ts'
import type { RangeClaim, RangeOutcome, RangeStore } from '../../lib/feeds/range-store.ts'
import type { RateBucket } from '../../lib/feeds/rate-bucket.ts'
import type { ReplayBudget } from '../../lib/feeds/replay-budget.ts'
import {
  createPutBatcher,
  type PutBatcher,
  type PutBatcherOptions,
  type PutOutcome,
} from '../../lib/kinesis/put-batcher.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import { type Committer, createCommitter } from './committer.ts'
import { divideRange } from './divide-range.ts'
import { followOrders } from './follow-orders.ts'
import { type OpenSource, type OpenSourceOptions, openSource } from './open-source.ts'
import { createPacer, type Pacer } from './pace.ts'
import { prepareSource } from './prepare-source.ts'
import { createRefusedRows, type RefusedRows, type RefusedRowsOptions } from './refused-rows.ts'
import { sendRows } from './send-rows.ts'

/** A stop waits so long for what is in flight; what is not taken by then is sent again by the next runner. */
const RELEASE_DEADLINE_MS = 3_000
/** Rows may be sent so far beyond the committed position: enough for the dead letters that are collected for 1 s. */
const RESERVE_SECONDS = 3
const RESERVE_AT_LEAST_ROWS = 100
const RESERVE_AT_MAX_PACE_ROWS = 20_000

export type RunRangeOptions = Pick<OpenSourceOptions, 's3' | 'sourceBucket'> &
  Pick<PutBatcherOptions, 'put' | 'shardOf' | 'isTransient' | 'maxInFlightBytes'> &
  Pick<RefusedRowsOptions, 'deadLetters' | 'onStored'> & {
    store: RangeStore & Pick<FeedReader, 'get' | 'orders'>
    /** Puts on stream 2, where what the consumer could not handle goes back to. */
    putProcessed: PutBatcherOptions['put']
    /** A recovery is about to end, whichever way, and has fed in so many letters. May be called again for the same. */
    onRecovered: (feed: Feed, letters: number) => Promise<void>
    /** A long source is divided into ranges of this length, as far as it can be. */
    rangeBytes: number
    newReplayBudget: () => ReplayBudget
    /** What the runners of a feed that is divided share. */
    rateBucketOf: (feed: string) => RateBucket
    unreadableShareLimit: number
    clock: PutBatcherOptions['clock']
    onOpen: (feed: Feed, claim: RangeClaim, source: OpenSource) => void
    /** Another range is there to be worked on. */
    onDivided: (job: RangeJob) => Promise<void>
    /** The feed goes on at another pace. */
    onPace: (feed: Feed, pace: Pace) => void
    onCommit: (feed: Feed, added: FeedCounts) => void
    onCall: (stream: 'raw' | 'processed', call: PutOutcome) => void
    /** A run begins, and can be looked at; what comes back is called when it has ended. */
    onRun: (feed: Feed, run: RunningRange) => () => void
    /** Something was in the way and is tried again. */
    onTrouble: (error: unknown) => void
  }

/** What a run has in flight, and how far it is behind its pace. */
export type RunningRange = Pick<PutBatcher, 'inFlightBytes' | 'inFlightRecords'> & Pick<Pacer, 'lagMs'>

export type RangeRun =
  /** The range is done, and its feed in this state; `next` is the live feed that follows it. */
  | { kind: 'done'; feed: FeedState; message?: string; next?: string; error?: RoadpulseError }
  /** There is nothing to do: the feed is over or paused, or was paused during the run. */
  | { kind: 'idle' }
  /** The run was asked to stop: the range is for whoever takes it next. */
  | { kind: 'released' }

/**
 * Executes one range of a feed from its last committed position: read, encode, put, commit. Ends it where it ends, when
 * its source cannot be replayed, or when its feed is to end. Throws when it cannot go on for now (nothing is lost:
 * another run resumes), and `FENCED` when another producer has taken over.
 */
export async function runRange(
  options: RunRangeOptions,
  job: RangeJob,
  signal: AbortSignal,
): Promise<RangeRun> {
  const { store, clock } = options
  const feed = await store.get(job.feed)
  const claim = feed && (await store.claim(feed.name, job.range, reserveOf(feed, feed.pace)))
  if (feed === undefined || claim === undefined) return { kind: 'idle' }

  const halt = new AbortController()
  const pause = new AbortController()
  /** Whoever asks for it, the range is given back as it is. */
  const leave = AbortSignal.any([signal, pause.signal])
  const stop = AbortSignal.any([leave, halt.signal])
  const { stream, ...port } = portOf(feed, options)
  const batcher = createPutBatcher({
    ...options,
    ...port,
    keepOrder: true,
    onCall: (call) => options.onCall(stream, call),
  })
  const refusedRows = createRefusedRows({ ...options, signal: stop, onRetry: options.onTrouble })
  const pacer = createPacer(feed.pace, clock)
  const onEnded = options.onRun(feed, { ...batcher, lagMs: () => pacer.lagMs() })
  const ending = new AbortController()
  const orders = followOrders({
    store,
    feed,
    endRequested: claim.endRequested,
    clock,
    signal: stop,
    onPace(pace) {
      pacer.setPace(pace)
      options.onPace(feed, pace)
    },
    onPause: () => pause.abort(),
    // What was sent before and is not counted is sent again without delay.
    onEnd() {
      pacer.setPace({ kind: 'max' })
      if (claim.inherited === claim.position.seq) ending.abort()
    },
  })
  const reserveRows = () => (orders.verdict() === 'end' ? 0 : reserveOf(feed, orders.pace()))
  const committer = createCommitter({
    ...options,
    feed,
    range: job.range,
    claim,
    reserveRows,
    onCommit: (added) => options.onCommit(feed, added),
  })
  committer.failed.catch((error: unknown) => halt.abort(error))

  let failure: unknown
  let complete = false
  try {
    const open = { ...options, feed, claim, signal: stop, onRetry: options.onTrouble }
    if (await prepareSource({ ...open, ending: ending.signal })) {
      const divided = await divideRange(open, job.range)
      if (divided !== undefined) await options.onDivided({ feed: feed.name, range: divided })
      if (isDivided(claim)) pacer.share(options.rateBucketOf(feed.name))
      const source = await openSource(open)
      options.onOpen(feed, claim, source)
      const budget = feed.kind === 'live' ? undefined : options.newReplayBudget()
      const run = { feed, claim, source, orders, pacer, batcher, refusedRows, committer, stop }
      complete = await sendRows({ ...options, ...run, ...(budget && { budget }) })
    }
  } catch (error) {
    failure = error
  }

  try {
    await settle({ batcher, refusedRows, committer, leave })
  } catch (error) {
    // What could not be committed in time is sent again; but a range that is another's is not ours to give back.
    if (!leave.aborted || hasCode(error, 'FENCED')) throw error
  } finally {
    halt.abort()
    batcher.close()
    onEnded()
  }
  if (signal.aborted) return { kind: 'released' }
  if (leave.aborted) return { kind: 'idle' }

  const outcome = outcomeOf(failure, complete)
  if (feed.kind === 'recovery') await options.onRecovered(feed, committer.position().seq)
  const { state, next } = await store.finish(feed, job.range, claim.epoch, outcome)
  return {
    kind: 'done',
    feed: state,
    ...(outcome.kind === 'failed' && isOver(state) ? { message: outcome.message } : {}),
    ...(next === undefined ? {} : { next }),
    ...(failure instanceof RoadpulseError ? { error: failure } : {}),
  }
}

/** Only its own runner divides a range, before it sends a row: what is whole by then stays so during the run. */
const isDivided = ({ start, end }: RangeClaim) => start > 0 || end !== undefined

/** Which shard takes a record is known of stream 1 only. */
function portOf(
  { source }: Feed,
  { put, shardOf, putProcessed }: RunRangeOptions,
): Pick<PutBatcherOptions, 'put' | 'shardOf'> & { stream: 'raw' | 'processed' } {
  if (source.kind !== 'dead-letters' || source.origin !== 'handler') {
    return { stream: 'raw', put, ...(shardOf === undefined ? {} : { shardOf }) }
  }
  return { stream: 'processed', put: putProcessed, shardOf: () => undefined }
}

function reserveOf(feed: Feed, pace: Pace): number {
  // How many rows must be read for those that are due is not known where a filter chooses among them.
  if (pace.kind !== 'rate' || feed.filter !== undefined) return RESERVE_AT_MAX_PACE_ROWS
  return Math.ceil(pace.rowsPerSecond * RESERVE_SECONDS) + RESERVE_AT_LEAST_ROWS
}

/** Waits until all that was sent is done and committed: as long as it takes, or for the deadline once asked to leave. */
async function settle(run: {
  batcher: PutBatcher
  refusedRows: RefusedRows
  committer: Committer
  leave: AbortSignal
}): Promise<void> {
  run.refusedRows.flush()
  const drained = run.committer.drain()
  await untilAborted(drained, run.leave)
  if (run.leave.aborted) {
    await run.batcher.flush(RELEASE_DEADLINE_MS)
    run.batcher.close()
  }
  await drained
}

/** Only a fault of the source ends a feed as failed; whatever else went wrong is thrown, to be tried again. */
function outcomeOf(failure: unknown, complete: boolean): RangeOutcome {
  if (failure instanceof RoadpulseError && !failure.retryable && failure.code.startsWith('SOURCE_')) {
    return { kind: 'failed', message: failure.message }
  }
  if (failure !== undefined) throw failure
  return { kind: complete ? 'finished' : 'stopped' }
}
