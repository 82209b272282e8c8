import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { retry } from '../retry.ts'
import { type ByteShare, bytesOf } from './byte-budget.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import { Lanes } from './lanes.ts'
import type { ChildLease, Lease } from './lease-store.ts'
import type { ShardRead, ShardReader } from './shard-reader.ts'
import { Watermark } from './watermark.ts'

const COMPLETION_BACKOFF = { baseMs: 200, maxMs: 5_000 }

/**
 * Records of one shard, in order. `epoch` rises with every change of owner: an effect elsewhere can be fenced with it.
 * `signal` aborts when the shard is no longer this worker's.
 */
export type ShardBatch = {
  shardId: string
  epoch: number
  records: readonly KinesisRecord[]
  signal: AbortSignal
}

/** `waiting`: for a dependency that is down. `stuck`: the handler has not returned for too long. */
export type ShardStatus = Lease & {
  state: 'reading' | 'handling' | 'waiting' | 'stuck'
  /** What it waits for, or is stuck in. */
  reason?: string
  /** Since when it is stuck, epoch ms. */
  since?: number
  lagMs: number
}

/** `ended`: read to SHARD_END, its children have leases. `drained`: stopped after a batch. `fenced`: stopped at once. */
export type ShardOutcome = 'ended' | 'drained' | 'fenced'

export type ShardRunner = {
  lease: Lease
  status(): ShardStatus
  lagMs(): number
  /** Finishes the batches in hand and reads no more. */
  drain(): void
  /** The lease is gone: tells the handler, starts nothing any more. */
  fence(): void
  done: Promise<ShardOutcome>
}

export type ShardRunnerOptions = {
  lease: Lease
  reader: ShardReader
  /** What this shard may hold of what all shards of the worker may have read ahead. */
  memory: ByteShare
  lanes: number
  maxBatchRecords: number
  stuckAfterMs: number
  handle(batch: ShardBatch): Promise<void>
  putAside(record: KinesisRecord, error: unknown): Promise<void>
  /** These records, the next ones of the shard, and all before them are done. `handlingMs` is what it took. */
  onHandled(records: readonly KinesisRecord[], handlingMs: number): void
  isHeld(): boolean
  /** Marks the shard as read to its end; resolves to false when it is no longer this worker's. */
  complete(children: readonly ChildLease[]): Promise<boolean>
  clock: Clock
  random?: () => number
  log: Log
}

/**
 * One shard under one lease, from the checkpoint of the lease to the shard's end: reads ahead, as far as there is memory
 * for it, while the lanes handle what was read.
 */
export function startShardRunner(options: ShardRunnerOptions): ShardRunner {
  const { lease, reader, memory, clock, random = Math.random, log } = options
  const stopping = new AbortController()
  const fenced = new AbortController()
  const broken = Promise.withResolvers<never>()
  const watermark = new Watermark()
  let behindMs = 0
  let handlingMs = 0

  const lanes = new Lanes({
    ...options,
    random,
    async handle(records) {
      // Before each try: a process that was stopped for a while comes back here before any timer has told it that time
      // went by.
      if (!options.isHeld()) fence()
      fenced.signal.throwIfAborted()
      await options.handle({ shardId: lease.shardId, epoch: lease.epoch, records, signal: fenced.signal })
    },
    onDone(records, tookMs) {
      handlingMs += tookMs
      const passed = watermark.acknowledge(records)
      // What is acknowledged behind a gap stays counted: else a lane that stands still would let the others run away.
      memory.release(bytesOf(passed))
      if (passed.length === 0 || fenced.signal.aborted) return
      options.onHandled(passed, handlingMs)
      handlingMs = 0
    },
    onFailed(error) {
      broken.reject(error)
      fence()
    },
  })

  async function run(): Promise<ShardOutcome> {
    const last = await readAhead()
    await lanes.idle()
    memory.close()
    if (fenced.signal.aborted) return 'fenced'
    return last !== undefined && watermark.oldest === undefined ? complete(last.children) : 'drained'
  }

  /** Resolves to the last read of the shard, or to undefined when it is stopped before. */
  async function readAhead(): Promise<ShardRead | undefined> {
    // As much as the last time: it is small at the tip, large behind it.
    for (let bytes = 0; !stopping.signal.aborted; ) {
      await memory.reserve(bytes, stopping.signal)
      const read = await reader.read(stopping.signal)
      if (read === undefined || stopping.signal.aborted) break
      behindMs = read.behindMs
      bytes = bytesOf(read.records)
      memory.hold(bytes)
      // At the tip most reads are empty: there is nothing to handle and nothing to acknowledge.
      if (read.records.length > 0) {
        watermark.add(read.records)
        lanes.push(read.records)
      }
      if (read.isShardEnd) return read
    }
    return undefined
  }

  async function complete(children: readonly ChildLease[]): Promise<ShardOutcome> {
    try {
      const isOwner = await retry(() => options.complete(children), {
        ...COMPLETION_BACKOFF,
        isRetryable: () => true,
        signal: stopping.signal,
        clock,
        random,
        onRetry: (error) => log.warn({ error: describeError(error) }, 'end of shard not recorded yet'),
      })
      return isOwner ? 'ended' : 'fenced'
    } catch (error) {
      if (!stopping.signal.aborted) throw error
      // The next owner reads the end again.
      return fenced.signal.aborted ? 'fenced' : 'drained'
    }
  }

  function drain(): void {
    stopping.abort()
    lanes.drain()
  }

  function fence(): void {
    fenced.abort()
    drain()
  }

  function lagMs(): number {
    const { oldest } = watermark
    return oldest === undefined ? behindMs : Math.max(0, clock.now() - oldest.arrivedAt)
  }

  function status(): ShardStatus {
    const common = { ...lease, lagMs: lagMs() }
    const { reason } = lanes
    const stalledMs = lanes.stalledMs()
    if (stalledMs >= options.stuckAfterMs) {
      return {
        ...common,
        state: 'stuck',
        reason: 'the handler does not return',
        since: clock.now() - stalledMs,
      }
    }
    if (reason !== undefined) return { ...common, state: 'waiting', reason }
    return { ...common, state: lanes.isBusy ? 'handling' : 'reading' }
  }

  return { lease, lagMs, status, drain, fence, done: Promise.race([run(), broken.promise]) }
}
