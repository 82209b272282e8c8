import { type KinesisClient, ResourceNotFoundException } from '@aws-sdk/client-kinesis'
import { isTransient } from '../aws/is-transient.ts'
import type { Clock } from '../clock.ts'
import { describeError, hasCode, RoadpulseError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import { retry } from '../retry.ts'
import { ByteBudget } from './byte-budget.ts'
import { createCheckpointer } from './checkpointer.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import type { AcquiredLease, ChildLease, Lease, LeaseStore } from './lease-store.ts'
import { listShards } from './list-shards.ts'
import { LoadMeter } from './load-meter.ts'
import type { StartPosition } from './plan-leases.ts'
import { positionOf } from './position.ts'
import type { ReadLimits } from './read-budget.ts'
import { createShardReaders } from './shard-readers.ts'
import { type ShardBatch, type ShardRunner, type ShardStatus, startShardRunner } from './shard-runner.ts'
import { createShardSync } from './shard-sync.ts'
import { createUtilizationMeter } from './utilization-meter.ts'

const CHECKPOINT_INTERVAL_MS = 1_000
const SHARD_SYNC_INTERVAL_MS = 60_000
/** While something is amiss with the leases. */
const SHARD_SYNC_AGAIN_MS = 10_000
const START_BACKOFF = { baseMs: 200, maxMs: 5_000 }
/** Below the deadline of the process: a handler that hangs must not keep the other shards' leases. */
const DRAIN_DEADLINE_MS = 15_000

const READ_AHEAD_BYTES = 32 * 1_048_576
const MAX_BATCH_RECORDS = 1_000
const STUCK_AFTER_MS = 60_000

/** A record that the handler failed on by itself, and why. */
export type PoisonRecord = Lease & { record: KinesisRecord; error: unknown }

export type ConsumerOptions = {
  /** Its name or its ARN. */
  stream: string
  /** Unique among the workers of the application. */
  workerId: string
  store: LeaseStore
  kinesis: Pick<KinesisClient, 'send'>
  /**
   * Must be idempotent: records come at least once. When it resolves, all of them are done. When it rejects with an
   * error whose `retryable` is true, the shard waits and comes again; with any other, see `putAside`.
   */
  handle(batch: ShardBatch): Promise<void>
  /** Stores a record that cannot be handled. While it rejects, the shard stands still. */
  putAside(poison: PoisonRecord): Promise<void>
  /** A worker that has not been heard of for so long loses its leases. */
  leaseTtlMs: number
  heartbeatMs: number
  pollIntervalMs: number
  /** Where a new application begins; without it at the oldest record. `LATEST` never handles what is there already. */
  startAt?: StartPosition
  /** Reads by enhanced fan-out, registered under this name, and polls only while that fails; without it polls. */
  fanOutConsumer?: string
  /** What a shard gives to those who poll it; without it the limits of Kinesis, which stand-ins need not have. */
  readLimits?: ReadLimits
  /** What all shards of the worker may have read ahead of their handlers; each may always hold one read. */
  readAheadBytes?: number
  /** Of one shard, so many batches are in the handler at a time, each partition key's in order; without it one. */
  lanesPerShard?: number
  maxBatchRecords?: number
  /** A handler that has not returned for so long is reported as stuck. */
  stuckAfterMs?: number
  /** The share of time since the last call that the process was busy, 0 to 1; without it that of the event loop. */
  utilization?: () => number
  clock: Clock
  /** From 0 up to 1. All that is left to chance is drawn from it. */
  random?: () => number
  log: Log
  metrics: Metrics
}

export type ConsumerStatus = {
  state: 'idle' | 'running' | 'draining' | 'stopped' | 'failed'
  shards: ShardStatus[]
  /** Handled since the start, by this worker. */
  records: number
  batches: number
}

export type Consumer = {
  /**
   * Resolves when it takes part, or when `signal` has aborted. Rejects with `STREAM_MISSING` or `CONFIGURATION`; what is
   * transient is waited out.
   */
  start(signal: AbortSignal): Promise<void>
  /** Finishes the batches in hand, checkpoints, releases: the next owners start at once. */
  stop(): Promise<void>
  /** Resolves when it has stopped, rejects when it has failed. */
  done: Promise<void>
  status(): ConsumerStatus
}

/** Consumes a stream together with the other workers of its application, each shard by one of them at a time. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { store, stream, workerId, kinesis, clock, log, metrics } = options
  const random = options.random ?? Math.random
  const lagSeconds = metrics.gauge('consumer_lag_seconds')
  const background = new AbortController()
  const done = Promise.withResolvers<void>()
  // Whoever starts a consumer need not look at `done`.
  done.promise.catch(() => {})
  const runners = new Map<string, { runner: ShardRunner; load: LoadMeter; finished: Promise<void> }>()
  const progress = { records: 0, batches: 0 }
  let state: ConsumerStatus['state'] = 'idle'
  let unsubscribe = async () => {}
  let keeping = Promise.resolve()
  let syncing: Promise<boolean> | undefined

  const startAt = options.startAt ?? 'TRIM_HORIZON'
  const readers = createShardReaders(options)
  const readAhead = new ByteBudget(options.readAheadBytes ?? READ_AHEAD_BYTES)
  const shardSync = createShardSync({ kinesis, stream, store, startAt, clock, log, metrics })
  const keeper = createLeaseKeeper({
    store,
    workerId,
    ttlMs: options.leaseTtlMs,
    heartbeatMs: options.heartbeatMs,
    lagOf(shardId) {
      const lagMs = runners.get(shardId)?.runner.lagMs() ?? 0
      lagSeconds.set({ shard: shardId }, lagMs / 1_000)
      return lagMs
    },
    onAcquired: (lease) => void startShard(lease).catch(fail),
    onLost: (lease) => runnerOf(lease)?.fence(),
    bytesPerSecondOf: (shardId) => runners.get(shardId)?.load.bytesPerSecond(),
    utilization: options.utilization ?? createUtilizationMeter(),
    onHandOff: (lease) => runnerOf(lease)?.drain(),
    onEmptyTable: () => void sync(),
    clock,
    random,
    log,
    metrics,
  })
  const checkpointer = createCheckpointer({
    store,
    workerId,
    intervalMs: CHECKPOINT_INTERVAL_MS,
    onFenced: (lease) => runnerOf(lease)?.fence(),
    clock,
    log,
    metrics,
  })

  /** What the store says of a lease that was this worker's before must not stop the runner of its present one. */
  function runnerOf(lease: Lease): ShardRunner | undefined {
    const runner = runners.get(lease.shardId)?.runner
    return runner?.lease.epoch === lease.epoch ? runner : undefined
  }

  /** The same shard can come back before its earlier runner has ended: its handler may still be at work. */
  async function startShard(lease: AcquiredLease): Promise<void> {
    await runners.get(lease.shardId)?.finished
    if (!keeper.isHeld(lease)) return
    const load = new LoadMeter(clock)
    const runner = startRunner(lease, load)
    runners.set(lease.shardId, { runner, load, finished: finish(runner) })
    if (state === 'draining') runner.drain()
  }

  function startRunner(lease: AcquiredLease, load: LoadMeter): ShardRunner {
    const shardLog = log.child({ shard: lease.shardId, epoch: lease.epoch })
    return startShardRunner({
      lease: { shardId: lease.shardId, epoch: lease.epoch },
      reader: readers.open(lease.shardId, lease.checkpoint, shardLog),
      memory: readAhead.open(),
      lanes: options.lanesPerShard ?? 1,
      maxBatchRecords: options.maxBatchRecords ?? MAX_BATCH_RECORDS,
      stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
      async handle(batch) {
        refuseDamaged(batch.records)
        await options.handle(batch)
      },
      putAside: (record, error) => options.putAside({ ...lease, record, error }),
      onHandled(records, handlingMs) {
        const last = records.at(-1)
        if (last === undefined) return
        progress.records += records.length
        progress.batches++
        load.add(records.reduce((sum, record) => sum + record.data.byteLength, 0))
        checkpointer.advance(lease, positionOf(last), { records: records.length, handlingMs })
      },
      isHeld: () => keeper.isHeld(lease),
      complete: (children) => complete(lease, children),
      clock,
      random,
      log: shardLog,
    })
  }

  async function complete(lease: Lease, named: readonly ChildLease[]): Promise<boolean> {
    const children = named.length > 0 ? named : await findChildren(lease.shardId)
    const isOwner = await store.complete(workerId, lease, children)
    if (isOwner) keeper.forget(lease)
    return isOwner
  }

  /** Should the list lag behind, a later sync makes the leases: children of a parent that has ended. */
  async function findChildren(shardId: string): Promise<ChildLease[]> {
    const shards = await listShards({ kinesis, stream, signal: background.signal, clock })
    return shards.filter((shard) => shard.parents.includes(shardId))
  }

  async function finish(runner: ShardRunner): Promise<void> {
    const { lease } = runner
    try {
      const outcome = await runner.done
      if (outcome === 'drained') await checkpointer.flush()
      // Also one that was fenced, should it still be held: renewed with nobody at work, the shard would stand still.
      if (outcome !== 'ended') await keeper.release(lease)
      log.info({ shard: lease.shardId, epoch: lease.epoch, outcome }, 'shard left')
    } catch (error) {
      fail(error)
    }
    checkpointer.forget(lease.shardId)
    lagSeconds.remove({ shard: lease.shardId })
    runners.delete(lease.shardId)
  }

  /** Never rejects: what no repetition can heal fails the consumer. */
  function sync(): Promise<boolean> {
    syncing ??= shardSync
      .run(background.signal)
      .catch((error: unknown) => {
        if (hasCode(error, 'CONFIGURATION')) fail(error)
        if (!background.signal.aborted) log.warn({ error: describeError(error) }, 'shards cannot be listed')
        return false
      })
      .finally(() => {
        syncing = undefined
      })
    return syncing
  }

  async function syncPeriodically(signal: AbortSignal): Promise<void> {
    let intervalMs = SHARD_SYNC_INTERVAL_MS
    while (!signal.aborted) {
      await clock.sleep(intervalMs * (0.5 + random()), signal)
      if (!signal.aborted) intervalMs = (await sync()) ? SHARD_SYNC_INTERVAL_MS : SHARD_SYNC_AGAIN_MS
    }
  }

  function fail(error: unknown): void {
    state = 'failed'
    background.abort()
    for (const { runner } of runners.values()) runner.fence()
    done.reject(error)
  }

  async function drain(): Promise<void> {
    // The others' shares first: what is released then finds a taker at once.
    const left = keeper.leave()
    for (const { runner } of runners.values()) runner.drain()
    await Promise.all([left, ...[...runners.values()].map(({ finished }) => finished)])
    background.abort()
    // A heartbeat that is under way may still be given leases, which it gives back.
    await keeping
  }

  return {
    async start(signal) {
      await retry(() => shardSync.run(signal), {
        ...START_BACKOFF,
        isRetryable: isTransient,
        signal,
        clock,
        random,
        onRetry: (error) => log.warn({ error: describeError(error) }, 'shards cannot be listed yet'),
      }).catch((error: unknown) => {
        if (signal.aborted) return
        if (!(error instanceof ResourceNotFoundException)) throw error
        throw new RoadpulseError('STREAM_MISSING', `the stream ${stream} does not exist`, error)
      })
      unsubscribe = await store.subscribe(() => keeper.wake())
      state = 'running'
      keeping = keeper.run(background.signal)
      Promise.all([keeping, checkpointer.run(background.signal), syncPeriodically(background.signal)]).catch(
        fail,
      )
    },

    async stop() {
      state = 'draining'
      const patience = new AbortController()
      const isDrained = await Promise.race([
        drain().then(() => true),
        clock.sleep(DRAIN_DEADLINE_MS, patience.signal).then(() => false),
      ])
      patience.abort()
      if (!isDrained) log.error('not drained in time: leases run out by themselves')
      for (const { runner } of runners.values()) runner.fence()
      background.abort()
      await unsubscribe()
      state = 'stopped'
      done.resolve()
    },

    done: done.promise,

    status: () => ({
      state,
      shards: [...runners.values()].map(({ runner }) => runner.status()),
      ...progress,
    }),
  }
}

/** Makes a damaged record go the way of those that a handler fails on: found by bisection and put aside. */
function refuseDamaged(records: readonly KinesisRecord[]): void {
  const damage = records.find((record) => record.damage !== undefined)?.damage
  if (damage !== undefined) throw new RoadpulseError('RECORD_DAMAGED', damage)
}
