import type { Clock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'
import { type Backoff, backoffDelay } from '../retry.ts'

/** Limits of the service: records in a call, and bytes of a record with its key. */
export const MAX_RECORDS_PER_CALL = 500
export const MAX_RECORD_BYTES = 1_048_576

const DEFAULT_MAX_BYTES_PER_CALL = 5 * 1_048_576
const DEFAULT_MAX_CALLS = 4
const DEFAULT_BACKOFF: Backoff = { baseMs: 50, maxMs: 5_000 }

export type PutRecord = { partitionKey: string; data: Uint8Array }

/** What Kinesis said of one record: nothing when it took it, else its error code. */
export type PutResult = string | undefined

/** The one call that the batcher needs. Rejects when the call as a whole failed. */
export type PutPort = (records: readonly PutRecord[]) => Promise<readonly PutResult[]>

export type PutBatcherOptions = {
  put: PutPort
  /** Whether a call that failed may succeed later. Records are tried again for ever, other calls fail their batch. */
  isTransient(error: unknown): boolean
  /** Bytes added and not yet acknowledged, at most, but for the record that crosses the limit. */
  maxInFlightBytes: number
  maxBytesPerCall?: number
  /** Calls under way at once. One that backs off counts, so that throttling slows all down. */
  maxCalls?: number
  backoff?: Backoff
  clock: Clock
  random?: () => number
  /** Called after each call, with what became of it. */
  onCall?(call: { durationMs: number; accepted: number; refused: number; error?: unknown }): void
}

export type PutBatcher = {
  /**
   * Adds a record to the open batch. Without a result there is room for the next one; else wait for the promise
   * first. Throws `RECORD_TOO_LARGE`.
   */
  add(record: PutRecord): Promise<void> | undefined
  /**
   * Closes the open batch: resolves when Kinesis has taken every record of it, rejects when it never will. An empty
   * batch resolves at once. There is one promise a batch, none a record.
   */
  send(): Promise<void>
  /** Waits until all that was sent has been taken, at most so long. Whether it was. */
  flush(deadlineMs: number): Promise<boolean>
  /** Gives up: batches that have not been taken reject with `DEADLINE_EXCEEDED`. */
  close(): void
  inFlightBytes(): number
}

type Batch = { unacknowledged: number; resolve(): void; reject(error: unknown): void; promise: Promise<void> }
type Call = { batch: Batch; records: PutRecord[] }

/**
 * Puts records in calls of up to 500 records and 5 MiB. Only what Kinesis refused is put again, after a delay with
 * full jitter. The order of records with the same key holds only while nothing is refused: a record that is put again
 * comes after later ones, and calls run side by side.
 */
export function createPutBatcher(options: PutBatcherOptions): PutBatcher {
  const { clock, maxInFlightBytes, backoff = DEFAULT_BACKOFF } = options
  const maxBytesPerCall = options.maxBytesPerCall ?? DEFAULT_MAX_BYTES_PER_CALL
  const maxCalls = options.maxCalls ?? DEFAULT_MAX_CALLS

  const closing = new AbortController()
  const waitingCalls: Call[] = []
  const sentBatches = new Set<Batch>()
  let runningCalls = 0
  let inFlightBytes = 0
  let room: PromiseWithResolvers<void> | undefined
  let batch = newBatch()
  let records: PutRecord[] = []
  let bytes = 0

  function cutCall(): void {
    if (records.length === 0) return
    waitingCalls.push({ batch, records })
    records = []
    bytes = 0
    startCalls()
  }

  function startCalls(): void {
    while (runningCalls < maxCalls) {
      const call = waitingCalls.shift()
      if (call === undefined) return
      runningCalls++
      void runCall(call).finally(() => {
        runningCalls--
        startCalls()
      })
    }
  }

  /** Puts the records of a call until all are taken. Never rejects: the batch carries the failure. */
  async function runCall(call: Call): Promise<void> {
    let left: readonly PutRecord[] = call.records
    for (let attempt = 1; !closing.signal.aborted; attempt++) {
      const refused = await putOnce(call.batch, left)
      if (refused.length === 0) return
      // Whatever was taken shows that the stream has room: start over with short delays.
      if (refused.length < left.length) attempt = 1
      left = refused
      await clock.sleep(backoffDelay(attempt, backoff, options.random), closing.signal)
    }
  }

  /** The records that have to be put again. */
  async function putOnce(into: Batch, tried: readonly PutRecord[]): Promise<readonly PutRecord[]> {
    const startedAt = clock.monotonic()
    let refused = tried
    let failure: { error: unknown } | undefined
    try {
      const results = await options.put(tried)
      refused = tried.filter((_record, i) => results[i] !== undefined)
      const code = results.find((result) => result !== undefined)
      if (code !== undefined) failure = { error: new Error(`${refused.length} records refused: ${code}`) }
    } catch (error) {
      failure = { error }
      if (!options.isTransient(error)) {
        into.reject(error)
        refused = []
      }
    }
    acknowledge(into, tried, refused)
    const accepted = failure !== undefined && refused.length === 0 ? 0 : tried.length - refused.length
    options.onCall?.({
      durationMs: clock.monotonic() - startedAt,
      accepted,
      refused: tried.length - accepted,
      ...failure,
    })
    return refused
  }

  /** Counts what is done with as out of flight. A batch that was rejected stays rejected: settling is once only. */
  function acknowledge(into: Batch, tried: readonly PutRecord[], refused: readonly PutRecord[]): void {
    inFlightBytes -= sumBytes(tried) - sumBytes(refused)
    into.unacknowledged -= tried.length - refused.length
    if (into.unacknowledged === 0 && into !== batch) into.resolve()
    if (room !== undefined && inFlightBytes < maxInFlightBytes) {
      room.resolve()
      room = undefined
    }
  }

  return {
    add(record) {
      const size = sizeOf(record)
      if (size > MAX_RECORD_BYTES) {
        throw new RoadpulseError(
          'RECORD_TOO_LARGE',
          `a record of ${size} bytes exceeds the ${MAX_RECORD_BYTES} that Kinesis takes`,
        )
      }
      if (records.length === MAX_RECORDS_PER_CALL || bytes + size > maxBytesPerCall) cutCall()
      records.push(record)
      bytes += size
      inFlightBytes += size
      batch.unacknowledged++
      if (inFlightBytes < maxInFlightBytes) return undefined
      // What is open must be on its way, or nothing would ever make room.
      cutCall()
      room ??= Promise.withResolvers()
      return room.promise
    },

    send() {
      const sent = batch
      cutCall()
      batch = newBatch()
      if (sent.unacknowledged === 0) sent.resolve()
      else {
        sentBatches.add(sent)
        const forget = () => sentBatches.delete(sent)
        sent.promise.then(forget, forget)
      }
      return sent.promise
    },

    async flush(deadlineMs) {
      const timer = new AbortController()
      const all = Promise.allSettled([...sentBatches].map((sent) => sent.promise)).then((results) =>
        results.every((result) => result.status === 'fulfilled'),
      )
      const late = clock.sleep(deadlineMs, timer.signal).then(() => false)
      const done = await Promise.race([all, late])
      timer.abort()
      return done
    },

    close() {
      closing.abort()
      waitingCalls.length = 0
      const error = new RoadpulseError(
        'DEADLINE_EXCEEDED',
        'the batcher was closed before Kinesis took the records',
      )
      for (const sent of [...sentBatches, batch]) sent.reject(error)
      room?.resolve()
      room = undefined
    },

    inFlightBytes: () => inFlightBytes,
  }
}

export function sizeOf(record: PutRecord): number {
  return record.data.byteLength + Buffer.byteLength(record.partitionKey)
}

function sumBytes(records: readonly PutRecord[]): number {
  return records.reduce((sum, record) => sum + sizeOf(record), 0)
}

function newBatch(): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Whoever sends the batch handles its failure; one that was never sent has nobody to tell.
  promise.catch(() => undefined)
  return { unacknowledged: 0, promise, resolve, reject }
}
