import { type KinesisClient, ResourceNotFoundException } from '@aws-sdk/client-kinesis'
import { isTransient } from '../aws/is-transient.ts'
import type { Clock } from '../clock.ts'
import { describeError, hasCode, RoadpulseError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { retry } from '../retry.ts'
import { type BackupStore, createCheckpointBackup } from './checkpoint-backup.ts'
import { createCheckpointer } from './checkpointer.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import { HeldShards, type ProcessingOptions } from './held-shards.ts'
import { createLeaseKeeper } from './lease-keeper.ts'
import type { ChildLease, Lease, LeaseStore } from './lease-store.ts'
import { listShards } from './list-shards.ts'
import type { StartPosition } from './plan-leases.ts'
import type { ReadLimits } from './read-budget.ts'
import type { OnEmptyStore } from './restore-leases.ts'
import { createShardReaders } from './shard-readers.ts'
import type { ShardStatus } from './shard-runner.ts'
import { createShardSync } from './shard-sync.ts'
import { createUtilizationMeter } from './utilization-meter.ts'

const CHECKPOINT_INTERVAL_MS = 1_000
const SHARD_SYNC_INTERVAL_MS = 60_000
/** While something is amiss with the leases. */
const SHARD_SYNC_AGAIN_MS = 10_000
const START_BACKOFF = { baseMs: 200, maxMs: 5_000 }
/** Below the deadline of the process: a handler that hangs must not keep the other shards' leases. */
const DRAIN_DEADLINE_MS = 15_000

export type ConsumerOptions = ProcessingOptions & {
  /** Its name or its ARN. */
  stream: string
  /** Unique among the workers of the application. */
  workerId: string
  store: LeaseStore
  kinesis: Pick<KinesisClient, 'send'>
  /** A worker that has not been heard of for so long loses its leases. */
  leaseTtlMs: number
  heartbeatMs: number
  pollIntervalMs: number
  /** Where a new application begins; without it at the oldest record. `LATEST` never handles what is there already. */
  startAt?: StartPosition
  /** A second copy of the checkpoints, and what to do when the lease store has lost everything. Without it: no copy. */
  backup?: { store: BackupStore; onEmptyStore: OnEmptyStore }
  /** Reads by enhanced fan-out, registered under this name, and polls only while that fails; without it polls. */
  fanOutConsumer?: string
  /** What a shard gives to those who poll it; without it the limits of Kinesis, which stand-ins need not have. */
  readLimits?: ReadLimits
  /** The share of time since the last call that the process was busy, 0 to 1; without it that of the event loop. */
  utilization?: () => number
  clock: Clock
  /** From 0 up to 1. All that is left to chance is drawn from it. */
  random?: () => number
  log: Log
  metrics: ConsumerMetrics
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
  const background = new AbortController()
  const done = Promise.withResolvers<void>()
  // Whoever starts a consumer need not look at `done`.
  done.promise.catch(() => {})
  let state: ConsumerStatus['state'] = 'idle'
  let unsubscribe = async () => {}
  let keeping = Promise.resolve()
  let syncing: Promise<boolean> | undefined

  const startAt = options.startAt ?? 'TRIM_HORIZON'
  const readers = createShardReaders(options)
  const backup =
    options.backup === undefined
      ? undefined
      : createCheckpointBackup({ backups: options.backup.store, store, stream, clock, log })
  const shardSync = createShardSync({
    kinesis,
    stream,
    store,
    startAt,
    clock,
    log,
    metrics,
    ...(backup === undefined || options.backup === undefined
      ? {}
      : { restore: { backup, onEmptyStore: options.backup.onEmptyStore } }),
  })
  const keeper = createLeaseKeeper({
    store,
    workerId,
    ttlMs: options.leaseTtlMs,
    heartbeatMs: options.heartbeatMs,
    lagOf: (shardId) => shards.lagMs(shardId),
    onAcquired: (lease) => void shards.start(lease).catch(fail),
    onLost: (lease) => shards.fence(lease),
    bytesPerSecondOf: (shardId) => shards.bytesPerSecond(shardId),
    utilization: options.utilization ?? createUtilizationMeter(),
    onHandOff: (lease) => shards.drain(lease),
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
    onFenced: (lease) => shards.fence(lease),
    clock,
    log,
    metrics,
  })

  const shards = new HeldShards({
    ...options,
    readers,
    keeper,
    checkpointer,
    complete,
    onFailed: fail,
    random,
  })

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
    shards.fenceAll()
    done.reject(error)
  }

  async function drain(): Promise<void> {
    // The others' shares first: what is released then finds a taker at once.
    const left = keeper.leave()
    await Promise.all([left, shards.drainAll()])
    background.abort()
    // A heartbeat that is under way may still be given leases, which it gives back.
    await keeping
    await backup?.save()
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
      const parts = [checkpointer, ...(backup === undefined ? [] : [backup])]
      Promise.all([
        keeping,
        syncPeriodically(background.signal),
        shards.watch(background.signal),
        ...parts.map((part) => part.run(background.signal)),
      ]).catch(fail)
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
      shards.fenceAll()
      background.abort()
      await unsubscribe()
      state = 'stopped'
      done.resolve()
    },

    done: done.promise,

    status: () => ({ state, shards: shards.statuses(), ...shards.progress }),
  }
}
