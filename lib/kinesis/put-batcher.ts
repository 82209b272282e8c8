import type { Clock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'
import { type Backoff, backoffDelay } from '../retry.ts'
import { KeyOrder } from './key-order.ts'
import { createPutLanes, type PutCall } from './put-lanes.ts'
import {
  addTo,
  type Batch,
  hasRoom,
  newBatch,
  newSegment,
  type PutRecord,
  type Segment,
  sizeOf,
} from './put-segment.ts'

/** Limits of the service: records in a call, and bytes of a record with its key. */
export const MAX_RECORDS_PER_CALL = 500
export const MAX_RECORD_BYTES = 1_048_576

/** What Kinesis says of a record for which its shard has no room now. */
const THROTTLED = 'ProvisionedThroughputExceededException'

const DEFAULT_MAX_BYTES_PER_CALL = 5 * 1_048_576
const DEFAULT_MAX_CALLS = 4
const DEFAULT_BACKOFF: Backoff = { baseMs: 50, maxMs: 5_000 }

/** What Kinesis said of one record: nothing when it took it, else its error code. */
export type PutResult = string | undefined

/** The one call that the batcher needs. Rejects when the call as a whole failed. */
export type PutPort = (records: readonly PutRecord[]) => Promise<readonly PutResult[]>

export type PutBatcherOptions = {
  put: PutPort
  /**
   * The shard that takes a partition key, where that is known: then a shard that refuses records holds up its own and no
   * others. Asked only while one does.
   */
  shardOf?: (partitionKey: string) => string | undefined
  /** Whether a call that failed may succeed later. Records are tried again for ever, other calls fail their batch. */
  isTransient(error: unknown): boolean
  /** Bytes added and not yet acknowledged, at most, but for the record that crosses the limit. */
  maxInFlightBytes: number
  maxBytesPerCall?: number
  /** Calls under way at once. */
  maxCalls?: number
  /** Records with the same key are put in the order in which they were added, whatever is refused. */
  keepOrder?: boolean
  backoff?: Backoff
  clock: Clock
  random?: () => number
  /** Called after each call, with what became of its records; those are `throttled` for which their shard had no room. */
  onCall?(call: PutOutcome): void
}

export type PutOutcome = {
  durationMs: number
  accepted: number
  throttled: number
  refused: number
  error?: unknown
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
  inFlightRecords(): number
}

/**
 * Puts records in calls of up to 500 records and 5 MiB. Only what Kinesis refused is put again, after a delay with
 * full jitter that each shard has for itself. Without `keepOrder`, the order of records with the same key holds only
 * while nothing is refused: a record that is put again comes after later ones, and calls run side by side.
 */
export function createPutBatcher(options: PutBatcherOptions): PutBatcher {
  const { clock, maxInFlightBytes, backoff = DEFAULT_BACKOFF } = options
  const limits = {
    records: MAX_RECORDS_PER_CALL,
    bytes: options.maxBytesPerCall ?? DEFAULT_MAX_BYTES_PER_CALL,
  }
  const maxCalls = options.maxCalls ?? DEFAULT_MAX_CALLS

  const closing = new AbortController()
  const waitingCalls: PutCall[] = []
  /** Of records that waited behind others: they go with the next call that is free. */
  const behindCalls: PutCall[] = []
  const sentBatches = new Set<Batch>()
  let runningCalls = 0
  let inFlightBytes = 0
  let inFlightRecords = 0
  let room: PromiseWithResolvers<void> | undefined
  let batch = newBatch()
  let open = newSegment(batch)
  const order = options.keepOrder === true ? new KeyOrder() : undefined
  const lanes = createPutLanes({
    shardOf: options.shardOf,
    limits,
    sleep: (attempt) => clock.sleep(backoffDelay(attempt, backoff, options.random), closing.signal),
    onCall(call) {
      if (closing.signal.aborted) return
      waitingCalls.push(call)
      startCalls()
    },
  })

  function cutCall(): void {
    if (open.records.length === 0) return
    waitingCalls.push({ segments: [open] })
    open = newSegment(batch)
    startCalls()
  }

  function startCalls(): void {
    while (runningCalls < maxCalls) {
      const call = behindCalls.shift() ?? waitingCalls.shift()
      if (call === undefined) return
      runningCalls++
      void runCall(call).finally(() => {
        runningCalls--
        startCalls()
      })
    }
  }

  /** Never rejects: the batches carry a failure. */
  async function runCall(call: PutCall): Promise<void> {
    const refused = await putOnce(call.segments)
    if (!closing.signal.aborted) lanes.done(call, refused)
  }

  /** What has to be put again, by batch. */
  async function putOnce(segments: readonly Segment[]): Promise<Segment[]> {
    const startedAt = clock.monotonic()
    const tried =
      segments.length === 1 && segments[0] ? segments[0].records : segments.flatMap((one) => one.records)
    let results: readonly PutResult[] | undefined
    let failure: { error: unknown } | undefined
    try {
      results = await options.put(tried)
    } catch (error) {
      failure = { error }
      if (!options.isTransient(error)) {
        for (const { batch: of, records, bytes } of segments) {
          of.reject(error)
          acknowledge(of, records.length, bytes)
          for (const { partitionKey } of records) goOnBehind(partitionKey)
        }
        options.onCall?.({
          durationMs: clock.monotonic() - startedAt,
          accepted: 0,
          throttled: 0,
          refused: tried.length,
          error,
        })
        return []
      }
    }
    const refused: Segment[] = []
    let left = 0
    let throttled = 0
    let index = 0
    for (const { batch: of, records, bytes } of segments) {
      const again = newSegment(of)
      for (const record of records) {
        const result = results === undefined ? 'NotTaken' : results[index]
        index++
        if (result === undefined) {
          goOnBehind(record.partitionKey)
          continue
        }
        if (result === THROTTLED) throttled++
        addTo(again, record, sizeOf(record))
        failure ??= { error: new Error(`records refused: ${result}`) }
      }
      left += again.records.length
      if (again.records.length > 0) refused.push(again)
      acknowledge(of, records.length - again.records.length, bytes - again.bytes)
    }
    options.onCall?.({
      durationMs: clock.monotonic() - startedAt,
      accepted: tried.length - left,
      throttled,
      refused: left - throttled,
      ...failure,
    })
    return refused
  }

  /** Sends what waits behind a record that is through. */
  function goOnBehind(partitionKey: string): void {
    const next = order?.end(partitionKey)
    if (next === undefined) return
    const { record, size, batch: of } = next
    if (lanes.take(record, size, of)) return
    // Not into the open call: whoever fills that may be waiting for room, which this one has to make.
    let last = behindCalls.at(-1)
    if (last === undefined || !fits(last, size)) behindCalls.push((last = { segments: [] }))
    let segment = last.segments.find((one) => one.batch === of)
    if (segment === undefined) last.segments.push((segment = newSegment(of)))
    addTo(segment, record, size)
  }

  function fits({ segments }: PutCall, size: number): boolean {
    const records = segments.reduce((sum, segment) => sum + segment.records.length, 0)
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    return records < limits.records && bytes + size <= limits.bytes
  }

  /** Counts what is done with as out of flight. A batch that was rejected stays rejected: settling is once only. */
  function acknowledge(of: Batch, records: number, bytes: number): void {
    inFlightBytes -= bytes
    inFlightRecords -= records
    of.unacknowledged -= records
    if (of.unacknowledged === 0 && of !== batch) of.resolve()
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
      const isNext = order === undefined || order.begin({ record, size, batch })
      if (isNext && !lanes.take(record, size, batch)) {
        if (!hasRoom(open, size, limits)) cutCall()
        addTo(open, record, size)
      }
      inFlightBytes += size
      inFlightRecords++
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
      open = newSegment(batch)
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
      behindCalls.length = 0
      const error = new RoadpulseError(
        'DEADLINE_EXCEEDED',
        'the batcher was closed before Kinesis took the records',
      )
      for (const sent of [...sentBatches, batch]) sent.reject(error)
      room?.resolve()
      room = undefined
    },

    inFlightBytes: () => inFlightBytes,
    inFlightRecords: () => inFlightRecords,
  }
}
