import type { KinesisRecord } from '../../lib/kinesis/kinesis-record.ts'
import { positionOf, SHARD_END } from '../../lib/kinesis/position.ts'
import type { ShardBatch } from '../../lib/kinesis/shard-runner.ts'
import type { Progress } from './progress.ts'
import type { Trace } from './trace.ts'

/** A lease as it stands in the store. */
export type StoredLease = {
  owner: string | undefined
  epoch: number
  /** By the store's clock. */
  expiry: number
  checkpoint: string
  /** After the deadline the lease may be taken although its owner renews it. */
  handoff: { heir: string; deadline: number } | undefined
}

/** Who changes the store, and under which epochs. */
export type Cause = { worker: string; epochs: ReadonlyMap<string, number> }

/**
 * Sees everything that happens and holds it against what the library promises. It knows nothing of how the library or
 * the store go about it: it is told of each start and end of handling, and shown the leases after each call that
 * reached the store.
 *
 * It promises, and this looks at each time that one of them could be broken:
 * - no gap: a checkpoint never passes a record that nobody has handled or put aside;
 * - fencing: a checkpoint changes only by the owner under its present epoch, and only forward;
 * - one owner: no handling starts on a shard that the store has given to somebody else. What was in hand when the
 *   lease went may overlap with the next owner. For a time to live after the store forgot, starts may overlap as well;
 * - warning: by the time at which a lease is another's, the handlers that are still at work under it have been told;
 * - lineage: nothing of a child is handled before all of its parents is; it is not given away before their end;
 * - order: the first handling of a record starts after that of all earlier ones of its partition key has ended;
 * - epochs: a shard's epoch grows with each change of owner, also over what a store forgot;
 * - a live lease changes hands only when its owner gives it away;
 * - economy: as long as no process and no store was in trouble, no record is handled twice; except that a lane which gives
 *   up a batch that fails, when its shard is handed on, takes what other lanes had done behind it along.
 */
export class Witness {
  /** The first promise that was broken. */
  broken: string | undefined
  readonly #progress: Progress
  readonly #trace: Trace
  readonly #now: () => number
  readonly #ttlMs: number
  readonly #lanesPerShard: number
  readonly #isUndisturbed: () => boolean
  #leases = new Map<string, StoredLease>()
  /** The highest epoch that was ever given out, by shard. */
  readonly #epochs = new Map<string, number>()
  readonly #grantedAt = new Map<string, number>()
  /** What each process has in its handlers, by shard. */
  readonly #inHand = new Map<
    string,
    { worker: string; shardId: string; batches: Map<ShardBatch, () => boolean> }
  >()
  #forgotAt = Number.NEGATIVE_INFINITY
  #hasFailed = false

  constructor(options: {
    progress: Progress
    trace: Trace
    now: () => number
    ttlMs: number
    lanesPerShard: number
    /** Whether all processes and the store have been well since the beginning. */
    isUndisturbed: () => boolean
  }) {
    this.#progress = options.progress
    this.#trace = options.trace
    this.#now = options.now
    this.#ttlMs = options.ttlMs
    this.#lanesPerShard = options.lanesPerShard
    this.#isUndisturbed = options.isUndisturbed
  }

  break(promise: string): void {
    this.#trace.add('witness', promise)
    this.broken ??= promise
  }

  /** `isAwake`: whether the process could have done something a moment ago. */
  handlingStarts(worker: string, batch: ShardBatch, isAwake: () => boolean): void {
    const { shardId, epoch, records } = batch
    this.#trace.add(worker, 'handle', [shardId, epoch, records.length, records[0] && positionOf(records[0])])
    const lease = this.#leases.get(shardId)
    if (lease?.owner !== worker && !this.#isExcused()) {
      this.break(`${worker} starts to handle ${shardId} in epoch ${epoch}, which belongs to ${lease?.owner}`)
    }
    const key = `${worker} ${shardId}`
    const { batches } = this.#inHand.get(key) ?? { batches: new Map<ShardBatch, () => boolean>() }
    for (const other of batches.keys()) {
      if (other.epoch === epoch) continue
      this.break(`${worker} handles ${shardId} in epochs ${other.epoch} and ${epoch} at the same time`)
    }
    this.#inHand.set(key, { worker, shardId, batches: batches.set(batch, isAwake) })
    const late = this.#progress.unfinishedParent(shardId)
    if (late !== undefined) this.break(`${shardId} is handled before all of its parent ${late} is`)
    const early = this.#progress.findEarly(shardId, records)
    if (early !== undefined) this.break(`record ${early} is handled before an earlier one of its key`)
  }

  handlingEnds(worker: string, batch: ShardBatch, result: 'handled' | 'failed'): void {
    const { shardId, records } = batch
    this.#inHand.get(`${worker} ${shardId}`)?.batches.delete(batch)
    this.#trace.add(worker, result, [shardId, batch.epoch, records.length])
    if (result === 'failed') {
      this.#hasFailed = true
      return
    }
    const isEconomical = this.#isUndisturbed() && (this.#lanesPerShard === 1 || !this.#hasFailed)
    for (const record of records) {
      const isAgain = this.#progress.done(shardId, record)
      if (isAgain && isEconomical) this.break(`record ${positionOf(record)} is handled twice for nothing`)
    }
  }

  putAside(worker: string, shardId: string, record: KinesisRecord): void {
    this.#trace.add(worker, 'put aside', [shardId, positionOf(record)])
    this.#progress.done(shardId, record)
  }

  /** Its handlers went with it. */
  died(worker: string): void {
    for (const key of this.#inHand.keys()) if (key.startsWith(`${worker} `)) this.#inHand.delete(key)
  }

  /** A call has reached the store. `storeNow`: by its clock. */
  storeCalled(cause: Cause, leases: ReadonlyMap<string, StoredLease>, storeNow: number): void {
    for (const [shardId, now] of leases) {
      const before = this.#leases.get(shardId)
      if (before === undefined) this.#created(shardId, now)
      else this.#changed(shardId, before, now, cause, storeNow)
    }
    for (const shardId of this.#leases.keys()) {
      if (!leases.has(shardId)) this.break(`the lease of ${shardId} is gone, which is in the stream`)
    }
    this.#remember(leases)
  }

  /** The store lost its newest writes, or all of them. */
  storeForgot(leases: ReadonlyMap<string, StoredLease>): void {
    this.#forgotAt = this.#now()
    this.#remember(leases)
  }

  /**
   * Whether everything is handled, and the store knows. Of a checkpoint that a store forgot its owner does not hear: it
   * is written again with the next record, and meanwhile only says less than was done.
   */
  isSettled(): boolean {
    if (this.#progress.left > 0) return false
    for (const shard of this.#progress.shards()) {
      const checkpoint = this.#leases.get(shard.shardId)?.checkpoint
      if (checkpoint === undefined) return false
      if (shard.isClosed && checkpoint !== SHARD_END) return false
      if (shard.countTo(checkpoint) < shard.total && this.#forgotAt === Number.NEGATIVE_INFINITY) return false
    }
    return true
  }

  /** Of these shards, those that somebody could take and nobody has. */
  unowned(shardIds: readonly string[]): string[] {
    return shardIds.filter((shardId) => {
      const lease = this.#leases.get(shardId)
      return lease !== undefined && lease.owner === undefined && lease.checkpoint !== SHARD_END
    })
  }

  /** What the worker was given since then and still owns. A worker of the same name may have had leases before. */
  ownedBy(worker: string, since: number): string[] {
    return [...this.#leases]
      .filter(([shardId, { owner }]) => owner === worker && (this.#grantedAt.get(shardId) ?? 0) >= since)
      .map(([shardId]) => shardId)
  }

  #created(shardId: string, now: StoredLease): void {
    if (now.owner !== undefined) this.break(`${shardId} is owned from its very beginning`)
    this.#checkCheckpoint(shardId, now.checkpoint)
  }

  #changed(shardId: string, before: StoredLease, now: StoredLease, cause: Cause, storeNow: number): void {
    if (now.owner !== before.owner && now.owner !== undefined) {
      const isForfeit = before.handoff !== undefined && before.handoff.deadline <= storeNow
      const isLive = before.owner !== undefined && before.expiry > storeNow && !isForfeit
      if (isLive && before.owner !== now.owner) {
        this.break(`${now.owner} takes the live lease of ${shardId} from ${before.owner}`)
      }
      if (now.epoch === before.epoch) this.break(`${shardId} changes its owner but not its epoch`)
    }
    if (now.epoch !== before.epoch) this.#granted(shardId, now)
    if (now.checkpoint === before.checkpoint) return
    if (before.owner !== cause.worker || before.epoch !== cause.epochs.get(shardId)) {
      this.break(
        `the checkpoint of ${shardId}, which is ${before.owner}'s in epoch ${before.epoch}, ` +
          `is moved by ${cause.worker} in epoch ${cause.epochs.get(shardId)}`,
      )
    }
    const shard = this.#progress.shard(shardId)
    if (shard.countTo(now.checkpoint) < shard.countTo(before.checkpoint) || before.checkpoint === SHARD_END) {
      this.break(`the checkpoint of ${shardId} goes back from ${before.checkpoint} to ${now.checkpoint}`)
    }
    this.#checkCheckpoint(shardId, now.checkpoint)
  }

  #granted(shardId: string, now: StoredLease): void {
    const highest = this.#epochs.get(shardId) ?? 0
    if (now.epoch <= highest) {
      this.break(`epoch ${now.epoch} of ${shardId} is given out, after ${highest}`)
    }
    this.#epochs.set(shardId, Math.max(highest, now.epoch))
    this.#grantedAt.set(shardId, this.#now())
    for (const hand of this.#inHand.values()) {
      if (hand.shardId !== shardId || hand.worker === now.owner || this.#isExcused()) continue
      for (const [batch, isAwake] of hand.batches) {
        if (batch.signal.aborted || !isAwake()) continue
        this.break(`a handler of ${hand.worker} is not told that ${shardId} has gone to ${now.owner}`)
      }
    }
    for (const parent of this.#progress.parentsOf(shardId)) {
      if (this.#leases.get(parent)?.checkpoint !== SHARD_END) {
        this.break(`${shardId} is given to ${now.owner} before the end of its parent ${parent}`)
      }
    }
  }

  #isExcused(): boolean {
    return this.#now() - this.#forgotAt < this.#ttlMs
  }

  #checkCheckpoint(shardId: string, checkpoint: string): void {
    const shard = this.#progress.shard(shardId)
    if (shard.countTo(checkpoint) > shard.countDone()) {
      this.break(`the checkpoint ${checkpoint} of ${shardId} passes a record that nobody has handled`)
    }
    if (checkpoint === SHARD_END && !shard.isClosed) this.break(`${shardId} ends while it is open`)
  }

  #remember(leases: ReadonlyMap<string, StoredLease>): void {
    this.#leases = new Map([...leases].map(([shardId, lease]) => [shardId, { ...lease }]))
  }
}
