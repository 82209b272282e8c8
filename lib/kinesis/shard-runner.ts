import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { retry } from '../retry.ts'
import { createBatchProcessor } from './batch-processor.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import type { ChildLease, Lease } from './lease-store.ts'
import type { ShardReader } from './shard-reader.ts'

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

export type ShardStatus = Lease & {
  state: 'reading' | 'handling' | 'waiting'
  /** What it waits for. */
  reason?: string
  lagMs: number
}

/** `ended`: read to SHARD_END, its children have leases. `drained`: stopped after a batch. `fenced`: stopped at once. */
export type ShardOutcome = 'ended' | 'drained' | 'fenced'

export type ShardRunner = {
  lease: Lease
  status(): ShardStatus
  lagMs(): number
  /** Finishes the batch in hand and reads no more. */
  drain(): void
  /** The lease is gone: tells the handler, starts nothing any more. */
  fence(): void
  done: Promise<ShardOutcome>
}

export type ShardRunnerOptions = {
  lease: Lease
  reader: ShardReader
  handle(batch: ShardBatch): Promise<void>
  putAside(record: KinesisRecord, error: unknown): Promise<void>
  onHandled(records: readonly KinesisRecord[]): void
  isHeld(): boolean
  /** Marks the shard as read to its end; resolves to false when it is no longer this worker's. */
  complete(children: readonly ChildLease[]): Promise<boolean>
  clock: Clock
  random?: () => number
  log: Log
}

/** One shard under one lease: read, handle, acknowledge, again; from the checkpoint of the lease to the shard's end. */
export function startShardRunner(options: ShardRunnerOptions): ShardRunner {
  const { lease, reader, clock, random = Math.random, log } = options
  const stopping = new AbortController()
  const fenced = new AbortController()
  let state: ShardStatus['state'] = 'reading'
  let reason: string | undefined
  let behindMs = 0
  let inHand: readonly KinesisRecord[] = []

  const processBatch = createBatchProcessor({
    async handle(records) {
      // Before each try: a process that was stopped for a while comes back here before any timer has told it that time
      // went by.
      if (!options.isHeld()) fence()
      fenced.signal.throwIfAborted()
      await options.handle({ shardId: lease.shardId, epoch: lease.epoch, records, signal: fenced.signal })
    },
    putAside: (record, error) => options.putAside(record, error),
    onDone(records) {
      inHand = inHand.slice(records.length)
      if (!fenced.signal.aborted) options.onHandled(records)
    },
    onWaiting(dependency) {
      reason = dependency
      state = dependency === undefined ? 'handling' : 'waiting'
    },
    clock,
    random,
    log,
  })

  async function run(): Promise<ShardOutcome> {
    while (!stopping.signal.aborted) {
      state = 'reading'
      const read = await reader.read(stopping.signal)
      if (read === undefined) break
      behindMs = read.behindMs
      inHand = read.records
      state = 'handling'
      // At the tip most reads are empty: there is nothing to handle and nothing to acknowledge.
      if (read.records.length > 0 && !(await processBatch(read.records, stopping.signal))) break
      if (read.isShardEnd) return complete(read.children)
    }
    return fenced.signal.aborted ? 'fenced' : 'drained'
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

  function fence(): void {
    fenced.abort()
    stopping.abort()
  }

  function lagMs(): number {
    const [oldest] = inHand
    return oldest === undefined ? behindMs : Math.max(0, clock.now() - oldest.arrivedAt)
  }

  return {
    lease,
    lagMs,
    status: () => ({ ...lease, state, ...(reason === undefined ? {} : { reason }), lagMs: lagMs() }),
    drain: () => stopping.abort(),
    fence,
    done: run(),
  }
}
