import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { backoffDelay } from '../retry.ts'
import type { KinesisRecord } from './kinesis-record.ts'

/** Tries of a batch before it is bisected, and of one record before it is put aside. */
const ATTEMPTS = 4
const RETRY_BACKOFF = { baseMs: 100, maxMs: 2_000 }
const OUTAGE_BACKOFF = { baseMs: 200, maxMs: 5_000 }

export type BatchProcessorOptions = {
  handle(records: readonly KinesisRecord[]): Promise<void>
  /** Puts aside a record that the handler fails on. Must not resolve before it is stored. */
  putAside(record: KinesisRecord, error: unknown): Promise<void>
  /** These records, the next ones in order, are handled or put aside. */
  onDone(records: readonly KinesisRecord[]): void
  /** Why nothing goes on, for people; undefined when it does again. */
  onWaiting(reason: string | undefined): void
  clock: Clock
  random?: () => number
  log: Log
}

/** Resolves to whether all records are done. After `signal` has aborted nothing is tried a second time. */
export type BatchProcessor = (records: readonly KinesisRecord[], signal: AbortSignal) => Promise<boolean>

/**
 * Brings batches through a handler that may fail, in order, and never skips a record silently. A batch that fails is
 * tried again, then bisected until the record that it fails on stands alone; that one is put aside. An error that says
 * of itself that it is `retryable` (a dependency is down) says nothing about the records: it is waited out.
 */
export function createBatchProcessor(options: BatchProcessorOptions): BatchProcessor {
  const { clock, random = Math.random, log } = options

  return async (records, signal) => {
    const left = [records]
    for (let batch = left.pop(); batch !== undefined; batch = left.pop()) {
      const error = await tryBatch(batch, signal)
      if (error !== undefined) {
        if (signal.aborted) return false
        const [poison, ...others] = batch
        if (poison === undefined) continue
        if (others.length > 0) {
          const half = Math.ceil(batch.length / 2)
          left.push(batch.slice(half), batch.slice(0, half))
          continue
        }
        if (!(await putAside(poison, error, signal))) return false
      }
      options.onDone(batch)
    }
    return true
  }

  /** Resolves to the error of the last try, to undefined when one succeeded. */
  async function tryBatch(batch: readonly KinesisRecord[], signal: AbortSignal): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        await waitOut(() => options.handle(batch), saysRetryable, signal)
        return undefined
      } catch (error) {
        if (signal.aborted || attempt === ATTEMPTS) return error
        log.warn({ ...placeOf(batch), attempt, error: describeError(error) }, 'handler failed')
        await clock.sleep(backoffDelay(attempt, RETRY_BACKOFF, random), signal)
        if (signal.aborted) return error
      }
    }
  }

  async function putAside(record: KinesisRecord, error: unknown, signal: AbortSignal): Promise<boolean> {
    log.error({ ...placeOf([record]), error: describeError(error) }, 'record put aside')
    try {
      await waitOut(
        () => options.putAside(record, error),
        () => true,
        signal,
      )
      return true
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
  }

  /** Repeats `task` for as long as its errors can be waited out; rejects with the first that cannot. */
  async function waitOut(
    task: () => Promise<void>,
    isRetryable: (error: unknown) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await task()
        break
      } catch (error) {
        if (signal.aborted || !isRetryable(error)) throw error
        if (attempt === 1) log.error({ error: describeError(error) }, 'shard waits for a dependency')
        options.onWaiting(describeError(error))
        await clock.sleep(backoffDelay(attempt, OUTAGE_BACKOFF, random), signal)
        if (signal.aborted) throw error
      }
    }
    options.onWaiting(undefined)
  }
}

/** Where a batch stands in its shard; the log has the shard. */
function placeOf(records: readonly KinesisRecord[]) {
  const [first] = records
  const last = records.at(-1)
  return {
    records: records.length,
    sequenceNumber: first?.sequenceNumber,
    ...(first?.subSequenceNumber === undefined ? {} : { subSequenceNumber: first.subSequenceNumber }),
    ...(records.length > 1 ? { lastSequenceNumber: last?.sequenceNumber } : {}),
  }
}

function saysRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true
}
