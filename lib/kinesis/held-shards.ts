import type { Clock } from '../clock.ts'
import { describeError, RoadpulseError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { ByteBudget } from './byte-budget.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { AcquiredLease, ChildLease, Lease } from './lease-store.ts'
import { LoadMeter } from './load-meter.ts'
import { positionOf } from './position.ts'
import type { ShardReaders } from './shard-readers.ts'
import { type ShardBatch, type ShardRunner, type ShardStatus, startShardRunner } from './shard-runner.ts'

const READ_AHEAD_BYTES = 32 * 1_048_576
const MAX_BATCH_RECORDS = 1_000
const STUCK_AFTER_MS = 60_000
/** How often within that time it is looked for. */
const STUCK_CHECKS = 12

/** A record that the handler failed on by itself, and why. */
export type PoisonRecord = Lease & { record: KinesisRecord; error: unknown }

export type ProcessingOptions = {
  /**
   * Must be idempotent: records come at least once. When it resolves, all of them are done. When it rejects with an
   * error whose `retryable` is true, the shard waits and comes again; with any other, see `putAside`.
   */
  handle(batch: ShardBatch): Promise<void>
  /** Stores a record that cannot be handled. While it rejects, the shard stands still. */
  putAside(poison: PoisonRecord): Promise<void>
  /** What all shards of the worker may have read ahead of their handlers; each may always hold one read. */
  readAheadBytes?: number
  /** Of one shard, so many batches are in the handler at a time, each partition key's in order; without it one. */
  lanesPerShard?: number
  maxBatchRecords?: number
  /** A handler that has not returned for so long is reported as stuck. */
  stuckAfterMs?: number
}

export type HeldShardsOptions = ProcessingOptions & {
  readers: ShardReaders
  keeper: Pick<LeaseKeeper, 'isHeld' | 'release'>
  checkpointer: Pick<Checkpointer, 'advance' | 'flush' | 'forget' | 'ageMs'>
  /** Marks a shard as read to its end; resolves to false when it is no longer this worker's. */
  complete(lease: Lease, children: readonly ChildLease[]): Promise<boolean>
  /** What no repetition can heal. */
  onFailed(error: unknown): void
  clock: Clock
  random: () => number
  log: Log
  metrics: ConsumerMetrics
}

type HeldShard = { runner: ShardRunner; load: LoadMeter; finished: Promise<void>; isStuck: boolean }

/** The shards that this worker is at work on: one runner each, for as long as its lease is held and beyond until it ends. */
export class HeldShards {
  /** Handled since the start. */
  readonly progress = { records: 0, batches: 0 }
  readonly #options: HeldShardsOptions
  readonly #shards = new Map<string, HeldShard>()
  readonly #memory: ByteBudget
  readonly #batches
  readonly #duration
  readonly #stuck
  #isDraining = false

  constructor(options: HeldShardsOptions) {
    this.#options = options
    this.#memory = new ByteBudget(options.readAheadBytes ?? READ_AHEAD_BYTES)
    const { metrics } = options
    this.#batches = metrics.counter('consumer_batches_total')
    this.#duration = metrics.histogram('consumer_batch_duration_seconds').labels({ phase: 'handle' })
    this.#stuck = metrics.gauge('consumer_shards_stuck')
    metrics.gauge('consumer_read_ahead_limit_bytes').set(this.#memory.limitBytes)
    this.#measureOnScrape(metrics)
  }

  /** The same shard can come back before its earlier runner has ended: its handler may still be at work. */
  async start(lease: AcquiredLease): Promise<void> {
    await this.#shards.get(lease.shardId)?.finished
    if (!this.#options.keeper.isHeld(lease)) return
    const load = new LoadMeter(this.#options.clock)
    const runner = this.#startRunner(lease, load)
    const finished = this.#finish(runner)
    this.#shards.set(lease.shardId, { runner, load, finished, isStuck: false })
    if (this.#isDraining) runner.drain()
  }

  /** Finishes the batches in hand, of one shard. */
  drain(lease: Lease): void {
    this.#runnerOf(lease)?.drain()
  }

  fence(lease: Lease): void {
    this.#runnerOf(lease)?.fence()
  }

  /** Also what is started from now on. Resolves when all have ended. */
  async drainAll(): Promise<void> {
    this.#isDraining = true
    for (const { runner } of this.#shards.values()) runner.drain()
    await Promise.all([...this.#shards.values()].map(({ finished }) => finished))
  }

  fenceAll(): void {
    for (const { runner } of this.#shards.values()) runner.fence()
  }

  lagMs(shardId: string): number {
    return this.#shards.get(shardId)?.runner.lagMs() ?? 0
  }

  bytesPerSecond(shardId: string): number | undefined {
    return this.#shards.get(shardId)?.load.bytesPerSecond()
  }

  statuses(): ShardStatus[] {
    return [...this.#shards.values()].map(({ runner }) => runner.status())
  }

  /** Reports the shards whose handlers do not return, until `signal` aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { stuckAfterMs = STUCK_AFTER_MS, clock } = this.#options
    while (!signal.aborted) {
      this.#reportStuck()
      await clock.sleep(stuckAfterMs / STUCK_CHECKS, signal)
    }
  }

  /** Not with the heartbeats: these hang with the store, and lags must be seen to grow then. */
  #measureOnScrape(metrics: ConsumerMetrics): void {
    const lag = metrics.gauge('consumer_lag_seconds')
    const age = metrics.gauge('consumer_checkpoint_age_seconds')
    const waiting = metrics.gauge('consumer_shards_waiting')
    const readAhead = metrics.gauge('consumer_read_ahead_bytes')
    metrics.onScrape(() => {
      lag.clear()
      age.clear()
      for (const [shard, { runner }] of this.#shards) {
        lag.set({ shard }, runner.lagMs() / 1_000)
        age.set({ shard }, this.#options.checkpointer.ageMs(shard) / 1_000)
      }
      waiting.set(this.statuses().filter(({ state }) => state === 'waiting').length)
      readAhead.set(this.#memory.usedBytes)
    })
  }

  #reportStuck(): void {
    let stuck = 0
    for (const shard of this.#shards.values()) {
      const { state, shardId, epoch, reason, since } = shard.runner.status()
      const isStuck = state === 'stuck'
      if (isStuck) stuck++
      if (isStuck && !shard.isStuck)
        this.#options.log.error({ shard: shardId, epoch, reason, since }, 'shard stuck')
      if (!isStuck && shard.isStuck) this.#options.log.info({ shard: shardId, epoch }, 'shard goes on')
      shard.isStuck = isStuck
    }
    this.#stuck.set(stuck)
  }

  /** What the store says of a lease that was this worker's before must not stop the runner of its present one. */
  #runnerOf(lease: Lease): ShardRunner | undefined {
    const runner = this.#shards.get(lease.shardId)?.runner
    return runner?.lease.epoch === lease.epoch ? runner : undefined
  }

  #startRunner(lease: AcquiredLease, load: LoadMeter): ShardRunner {
    const { keeper, checkpointer, ...options } = this.#options
    const log = options.log.child({ shard: lease.shardId, epoch: lease.epoch })
    const shard = { shard: lease.shardId }
    const records = options.metrics.counter('consumer_shard_records_total').labels(shard)
    const bytes = options.metrics.counter('consumer_shard_bytes_total').labels(shard)
    return startShardRunner({
      lease: { shardId: lease.shardId, epoch: lease.epoch },
      reader: options.readers.open(lease.shardId, lease.checkpoint, log),
      memory: this.#memory.open(),
      lanes: options.lanesPerShard ?? 1,
      maxBatchRecords: options.maxBatchRecords ?? MAX_BATCH_RECORDS,
      stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
      handle: (batch) => this.#handle(batch),
      putAside: (record, error) => options.putAside({ ...lease, record, error }),
      onHandled: (handled, handlingMs) => {
        const last = handled.at(-1)
        if (last === undefined) return
        const size = handled.reduce((sum, record) => sum + record.data.byteLength, 0)
        this.progress.records += handled.length
        this.progress.batches++
        records.inc(handled.length)
        bytes.inc(size)
        load.add(size)
        checkpointer.advance(lease, positionOf(last), { records: handled.length, handlingMs })
      },
      isHeld: () => keeper.isHeld(lease),
      complete: (children) => options.complete(lease, children),
      clock: options.clock,
      random: options.random,
      log,
    })
  }

  async #handle(batch: ShardBatch): Promise<void> {
    const { clock } = this.#options
    const startedAt = clock.monotonic()
    let result = 'failed'
    try {
      refuseDamaged(batch.records)
      await this.#options.handle(batch)
      result = 'handled'
    } finally {
      this.#batches.inc({ result })
      this.#duration.observe((clock.monotonic() - startedAt) / 1_000)
    }
  }

  async #finish(runner: ShardRunner): Promise<void> {
    const { keeper, checkpointer, log } = this.#options
    const { lease } = runner
    try {
      const outcome = await runner.done
      if (outcome === 'drained') await checkpointer.flush()
      // Also one that was fenced, should it still be held: renewed with nobody at work, the shard would stand still.
      if (outcome !== 'ended') await keeper.release(lease)
      log.info({ shard: lease.shardId, epoch: lease.epoch, outcome }, 'shard left')
    } catch (error) {
      log.error({ shard: lease.shardId, epoch: lease.epoch, error: describeError(error) }, 'shard broke down')
      this.#options.onFailed(error)
    }
    checkpointer.forget(lease.shardId)
    this.#shards.delete(lease.shardId)
  }
}

/** Makes a damaged record go the way of those that a handler fails on: found by bisection and put aside. */
function refuseDamaged(records: readonly KinesisRecord[]): void {
  const damage = records.find((record) => record.damage !== undefined)?.damage
  if (damage !== undefined) throw new RoadpulseError('RECORD_DAMAGED', damage)
}
