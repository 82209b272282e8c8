import type { KinesisClient, ShardFilter } from '@aws-sdk/client-kinesis'
import { isTransient } from '../aws/is-transient.ts'
import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import type { CheckpointBackup } from './checkpoint-backup.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import { HashKeyAudit } from './hash-key-audit.ts'
import { isPartition } from './hash-key-range.ts'
import type { LeaseStore } from './lease-store.ts'
import { listShards } from './list-shards.ts'
import {
  findInconsistency,
  type ListedShard,
  type PlannedLease,
  planLeases,
  planSnapshot,
  type StartPosition,
} from './plan-leases.ts'
import { type Checkpoint, SHARD_END } from './position.ts'
import { type OnEmptyStore, planRestore } from './restore-leases.ts'
import { anchorLatest } from './starting-position.ts'
import { streamName } from './stream-address.ts'

/** ListShards follows with a delay of seconds: a list that contradicts itself is asked for again. */
const LIST_ATTEMPTS = 3
const LIST_AGAIN_MS = 1_000
/** For one worker to restore the leases of all, before another one tries. */
const RESTORE_TURN_MS = 10_000

export type ShardSyncOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Its name or its ARN. */
  stream: string
  store: LeaseStore
  /** Where a new application begins. */
  startAt: StartPosition
  /** Without it a store that has lost everything looks like a new application. */
  restore?: { backup: CheckpointBackup; onEmptyStore: OnEmptyStore }
  clock: Clock
  log: Log
  metrics: ConsumerMetrics
}

/**
 * Brings the leases in line with the shards of the stream: makes those of a new application and those of new shards,
 * repairs those that were lost, removes those of shards that have left the stream. Any worker may do it at any time.
 */
export type ShardSync = {
  /** Resolves to whether all is as it should be: a hole among the leases is filled when it was seen a few times. */
  run(signal: AbortSignal): Promise<boolean>
}

export function createShardSync(options: ShardSyncOptions): ShardSync {
  const { kinesis, stream, store, startAt, clock, log } = options
  const repairs = options.metrics.counter('consumer_lease_repairs_total')
  const audit = new HashKeyAudit(startAt)
  let unlistedBefore = new Set<string>()
  let hadLeases = false

  /** There are no leases at all: a new application, or a store that has lost everything. */
  async function begin(signal: AbortSignal): Promise<boolean> {
    if (options.restore === undefined) {
      await bootstrap(signal)
      return true
    }
    if (!(await store.takeTurn('restore', RESTORE_TURN_MS))) return false
    const { backup, onEmptyStore } = options.restore
    // Whoever has seen leases knows that this is no new application, also before there was a first backup.
    const saved = (await backup.load()) ?? (hadLeases ? 'damaged' : undefined)
    if (saved === undefined) {
      await bootstrap(signal)
      return true
    }
    const planned = planRestore(await listConsistent(signal), saved, onEmptyStore)
    log.error(
      {
        onEmptyStore,
        savedAt: saved === 'damaged' ? undefined : new Date(saved.savedAt).toISOString(),
        leases: planned.map(({ shardId, checkpoint }) => ({ shardId, checkpoint })),
      },
      'the lease store has lost everything: leases made again, records come again',
    )
    // Before the leases: whoever sees what is rebuilt sees that it is.
    if (onEmptyStore === 'trim-horizon') await store.markRebuilt(clock.now())
    repairs.inc((await create(planned)).length)
    return true
  }

  async function bootstrap(signal: AbortSignal): Promise<void> {
    if (startAt === 'LATEST') {
      log.warn(
        { stream },
        'starts at the latest record: what the stream holds, and what is put until each shard is first read, is never handled',
      )
    }
    await create((await planAtOnce(signal)) ?? planLeases(await listConsistent(signal), new Map(), startAt))
  }

  /**
   * By the shards that the service names for the moment of `startAt`; undefined when it does not know filters, or when
   * what it names is no moment of a stream: stand-ins name parents together with their children, or all shards.
   */
  async function planAtOnce(signal: AbortSignal): Promise<PlannedLease[] | undefined> {
    try {
      const shards = await listShards({ kinesis, stream, filter: filterFor(startAt), signal, clock })
      return isPartition(shards.map((shard) => shard.hashKeys)) ? planSnapshot(shards, startAt) : undefined
    } catch (error) {
      if (isTransient(error) || signal.aborted) throw error
      // A stream that does not exist, or may not be listed, fails again without the filter.
      log.debug({ error: describeError(error) }, 'shards cannot be filtered')
      return undefined
    }
  }

  async function listConsistent(signal: AbortSignal): Promise<ListedShard[]> {
    for (let attempt = 1; ; attempt++) {
      const shards = await listShards({ kinesis, stream, signal, clock })
      const inconsistency = findInconsistency(shards)
      if (inconsistency === undefined) return shards
      if (attempt === LIST_ATTEMPTS) {
        log.warn({ inconsistency }, 'shard list contradicts itself: children of open shards wait')
        return shards
      }
      await clock.sleep(LIST_AGAIN_MS, signal)
    }
  }

  async function create(planned: readonly PlannedLease[]): Promise<string[]> {
    const now = clock.now()
    const created = await store.create(
      planned.map((lease) => ({ ...lease, checkpoint: anchorLatest(lease.checkpoint, now) })),
    )
    if (created.length > 0) log.info({ shards: created }, 'leases created')
    return created
  }

  async function repair(
    shards: readonly ListedShard[],
    leases: ReadonlyMap<string, Checkpoint>,
  ): Promise<boolean> {
    const { holes, confirmed, leases: planned } = audit.look(shards, leases)
    if (planned.length === 0) return holes.length === 0
    log.error(
      {
        holes: confirmed.map(({ start, end }) => `${start}-${end}`),
        leases: planned.map(({ shardId, checkpoint }) => ({ shardId, checkpoint })),
      },
      'leases were lost: made again from the oldest checkpoint known, records come again',
    )
    repairs.inc((await create(planned)).length)
    return true
  }

  /** A lease is removed when its shard was missing twice: the list lags, and it cannot be made again as it was. */
  async function forget(
    shards: readonly ListedShard[],
    leases: ReadonlyMap<string, Checkpoint>,
  ): Promise<void> {
    const listed = new Set(shards.map((shard) => shard.shardId))
    const unlisted = [...leases.keys()].filter((shardId) => !listed.has(shardId))
    const gone = unlisted.filter((shardId) => unlistedBefore.has(shardId))
    unlistedBefore = new Set(unlisted)
    const unfinished = await store.forget(gone)
    if (unfinished.length > 0) {
      log.error(
        { shards: unfinished },
        'shards left the stream before they were read to their end: records are lost',
      )
    }
  }

  return {
    async run(signal) {
      await store.bindStream(streamName(stream))
      // Before the shards are listed: a lease that was made in between would look like one whose shard has left.
      const leases = await store.readCheckpoints()
      if (leases.size === 0) return begin(signal)
      hadLeases = true
      const shards = await listConsistent(signal)
      const states = new Map([...leases].map(([shardId, checkpoint]) => [shardId, checkpoint === SHARD_END]))
      // What else the plan holds was lost; the audit makes sure of it first.
      const children = planLeases(shards, states, startAt).filter(({ parents }) =>
        parents.some((parent) => leases.has(parent)),
      )
      await create(children)
      const made = children.map(({ shardId, checkpoint }): [string, Checkpoint] => [shardId, checkpoint])
      const isCovered = await repair(shards, new Map([...leases, ...made]))
      await forget(shards, leases)
      return isCovered
    },
  }
}

function filterFor(position: StartPosition): ShardFilter {
  const [kind, ms] = position.split(':')
  if (kind === 'AT_TIMESTAMP') return { Type: 'AT_TIMESTAMP', Timestamp: new Date(Number(ms)) }
  return { Type: kind === 'LATEST' ? 'AT_LATEST' : 'AT_TRIM_HORIZON' }
}
