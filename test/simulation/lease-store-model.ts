import type {
  AcquiredLease,
  Acquisition,
  CheckpointResult,
  ChildLease,
  Lease,
} from '../../lib/kinesis/lease-store.ts'
import type { PlannedLease } from '../../lib/kinesis/plan-leases.ts'
import { comparePositions, parsePosition, SHARD_END } from '../../lib/kinesis/position.ts'

export type ModelLease = {
  owner: string | undefined
  epoch: number
  expiry: number
  checkpoint: string
  parents: readonly string[]
}

type State = { stream: string | undefined; leases: Map<string, ModelLease>; workers: Map<string, number> }

/**
 * What the lease store's scripts do, in memory. `test/integration/kinesis/lease-store-model.test.ts` holds the two
 * together. Each method is one call that has reached the server; `now` is the server's clock, in whole milliseconds.
 */
export class LeaseStoreModel {
  #state: State = { stream: undefined, leases: new Map(), workers: new Map() }
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()

  constructor(now: () => number) {
    this.#now = now
  }

  get leases(): ReadonlyMap<string, ModelLease> {
    return this.#state.leases
  }

  /** What a replica has at this moment, to be restored when it takes over. */
  snapshot(): State {
    const { stream, leases, workers } = this.#state
    return {
      stream,
      leases: new Map([...leases].map(([shardId, lease]) => [shardId, { ...lease }])),
      workers: new Map(workers),
    }
  }

  restore(state: State): void {
    this.#state = state
  }

  clear(): void {
    this.#state = { stream: undefined, leases: new Map(), workers: new Map() }
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Resolves to the stream that the application reads. */
  bindStream(stream: string): string {
    this.#state.stream ??= stream
    return this.#state.stream
  }

  readCheckpoints(): Map<string, string> {
    return new Map([...this.#state.leases].map(([shardId, lease]) => [shardId, lease.checkpoint]))
  }

  create(planned: readonly PlannedLease[]): string[] {
    const created = planned.filter((lease) => this.#create(lease)).map(({ shardId }) => shardId)
    if (created.length > 0) this.#publish()
    return created
  }

  forget(shardIds: readonly string[]): string[] {
    const unfinished = shardIds.filter((shardId) => {
      const lease = this.#state.leases.get(shardId)
      return lease !== undefined && lease.checkpoint !== SHARD_END
    })
    for (const shardId of shardIds) this.#state.leases.delete(shardId)
    return unfinished
  }

  acquire(worker: string, held: readonly Lease[], ttlMs: number): Acquisition {
    const now = this.#now()
    const { leases, workers } = this.#state
    const isHeld = new Set(held.map(({ shardId }) => shardId))
    const counts = new Map([[worker, 0]])
    const candidates: [string, ModelLease][] = []
    let active = 0
    for (const [shardId, lease] of leases) {
      if (lease.checkpoint === SHARD_END) continue
      const { owner } = lease
      const isTaken = owner === worker ? isHeld.has(shardId) : lease.expiry > now
      if (owner !== undefined && isTaken) {
        active++
        counts.set(owner, (counts.get(owner) ?? 0) + 1)
      } else if (this.#parentsHaveEnded(lease)) {
        active++
        candidates.push([shardId, lease])
      }
    }
    const others = [...workers]
      .filter(([name, goneAt]) => name !== worker && goneAt > now)
      .sort(([a, goneA], [b, goneB]) => goneA - goneB || (a < b ? -1 : 1))
      .map(([name]) => counts.get(name) ?? 0)
    const average = active / (others.length + 1)
    const share = others.some((count) => count < Math.floor(average))
      ? Math.floor(average)
      : Math.ceil(average)
    const acquired: AcquiredLease[] = []
    candidates.sort(([a, { expiry: left }], [b, { expiry: right }]) => left - right || (a < b ? -1 : 1))
    for (const [shardId, lease] of candidates) {
      const mine = counts.get(worker) ?? 0
      if (mine >= share && lease.expiry > now - ttlMs) continue
      counts.set(worker, mine + 1)
      lease.owner = worker
      lease.epoch = Math.max(lease.epoch + 1, now)
      lease.expiry = now + ttlMs
      acquired.push({ shardId, epoch: lease.epoch, checkpoint: lease.checkpoint })
    }
    return { total: leases.size, active, others, acquired }
  }

  renew(
    worker: string,
    held: readonly Lease[],
    { ttlMs, isLeaving }: { ttlMs: number; isLeaving: boolean },
  ): string[] {
    const now = this.#now()
    const { workers } = this.#state
    if (isLeaving) workers.delete(worker)
    else workers.set(worker, now + ttlMs)
    for (const [name, goneAt] of workers) if (goneAt <= now - 10 * ttlMs) workers.delete(name)
    return held
      .filter((lease) => {
        const owned = this.#owned(worker, lease)
        if (owned !== undefined) owned.expiry = now + ttlMs
        return owned === undefined
      })
      .map(({ shardId }) => shardId)
  }

  checkpoint(worker: string, marks: readonly (Lease & { sequenceNumber: string })[]): CheckpointResult[] {
    return marks.map((mark) => {
      const next = parsePosition(mark.sequenceNumber)
      if (next === undefined) throw new RangeError('a checkpoint is a position in the shard')
      if (this.#state.leases.get(mark.shardId)?.checkpoint === SHARD_END) return 'ended'
      const lease = this.#owned(worker, mark)
      if (lease === undefined) return 'fenced'
      const stored = parsePosition(lease.checkpoint)
      if (stored !== undefined && comparePositions(next, stored) <= 0) return 'behind'
      lease.checkpoint = mark.sequenceNumber
      return 'accepted'
    })
  }

  complete(worker: string, { shardId, epoch }: Lease, children: readonly ChildLease[]): boolean {
    const lease = this.#state.leases.get(shardId)
    if (lease?.epoch !== epoch) return false
    if (lease.checkpoint === SHARD_END) return true
    if (lease.owner !== worker) return false
    lease.checkpoint = SHARD_END
    lease.owner = undefined
    lease.expiry = 0
    for (const child of children) {
      const isLast = child.parents.every((parent) => this.#state.leases.has(parent))
      if (isLast) this.#create({ ...child, checkpoint: 'TRIM_HORIZON' })
    }
    this.#publish()
    return true
  }

  release(worker: string, released: readonly Lease[]): void {
    const owned = released.flatMap((lease) => this.#owned(worker, lease) ?? [])
    for (const lease of owned) {
      lease.owner = undefined
      lease.expiry = this.#now()
    }
    if (owned.length > 0) this.#publish()
  }

  #create({ shardId, parents, checkpoint }: PlannedLease): boolean {
    const { leases } = this.#state
    if (leases.has(shardId)) return false
    leases.set(shardId, { owner: undefined, epoch: 0, expiry: this.#now(), checkpoint, parents })
    return true
  }

  #owned(worker: string, { shardId, epoch }: Lease): ModelLease | undefined {
    const lease = this.#state.leases.get(shardId)
    return lease?.owner === worker && lease.epoch === epoch ? lease : undefined
  }

  /** A parent without a lease had left the stream when its child's lease was made. */
  #parentsHaveEnded({ parents }: ModelLease): boolean {
    return parents.every((parent) => (this.#state.leases.get(parent)?.checkpoint ?? SHARD_END) === SHARD_END)
  }

  #publish(): void {
    for (const listener of this.#listeners) listener()
  }
}
