import type {
  AcquiredLease,
  Acquisition,
  CheckpointResult,
  ChildLease,
  Lease,
  Renewal,
} from '../../lib/kinesis/lease-store.ts'
import type { PlannedLease } from '../../lib/kinesis/plan-leases.ts'
import type { LoadSnapshot } from '../../lib/kinesis/plan-moves.ts'
import { comparePositions, parsePosition, SHARD_END } from '../../lib/kinesis/position.ts'

export type ModelLease = {
  owner: string | undefined
  epoch: number
  expiry: number
  checkpoint: string
  parents: readonly string[]
  bytesPerSecond: number
  /** When a handoff brought it to its owner; absent when it came by itself. */
  movedAt: number | undefined
  handoff: { deadline: number; heir: string } | undefined
}

/** `goneAt`: when it counts as gone. */
type ModelWorker = { goneAt: number; utilization: number; joinedAt: number }

type State = {
  stream: string | undefined
  leases: Map<string, ModelLease>
  workers: Map<string, ModelWorker>
  /** Until when each task is somebody's. */
  turns: Map<string, number>
}

/**
 * What the lease store's scripts do, in memory. `test/integration/kinesis/lease-store-model.test.ts` holds the two
 * together. Each method is one call that has reached the server; `now` is the server's clock, in whole milliseconds.
 */
export class LeaseStoreModel {
  #state: State = emptyState()
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
    const { stream, leases, workers, turns } = this.#state
    return {
      stream,
      turns: new Map(turns),
      leases: new Map([...leases].map(([shardId, lease]) => [shardId, { ...lease }])),
      workers: new Map([...workers].map(([name, worker]) => [name, { ...worker }])),
    }
  }

  restore(state: State): void {
    this.#state = state
  }

  clear(): void {
    this.#state = emptyState()
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

  takeTurn(task: string, forMs: number): boolean {
    const now = this.#now()
    if ((this.#state.turns.get(task) ?? 0) > now) return false
    this.#state.turns.set(task, now + forMs)
    return true
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
    const isHeld = new Set(held.map(({ shardId }) => shardId))
    const live = new Set([worker, ...this.#liveWorkers().map(([name]) => name)])
    const counts = new Map([...live].map((name) => [name, 0]))
    const candidates: Candidate[] = []
    let active = 0
    const count = (name: string) => {
      active++
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    for (const [shardId, lease] of this.#state.leases) {
      if (lease.checkpoint === SHARD_END) continue
      const { owner, handoff } = lease
      const heir = handoff !== undefined && live.has(handoff.heir) ? handoff.heir : undefined
      const isOverdue = handoff !== undefined && handoff.deadline <= now
      const isMine = heir === worker
      const isRenewed = owner === worker ? isHeld.has(shardId) : lease.expiry > now
      const isForfeit = isOverdue && owner !== worker && (isMine || heir === undefined)
      if (owner !== undefined && isRenewed && !isForfeit) count(heir ?? owner)
      else if (heir !== undefined && !isMine && !isOverdue) count(heir)
      else if (this.#parentsHaveEnded(lease)) {
        active++
        candidates.push({ shardId, lease, isMine })
      }
    }
    const floor = Math.floor(active / live.size)
    const isSomebodyShort = [...live].some((name) => name !== worker && (counts.get(name) ?? 0) < floor)
    const share = isSomebodyShort ? floor : Math.ceil(active / live.size)
    const acquired: AcquiredLease[] = []
    const takenOver: string[] = []
    for (const { shardId, lease, isMine } of candidates.sort(inOrderOfTaking)) {
      const mine = counts.get(worker) ?? 0
      if (!isMine && mine >= share && lease.expiry > now - ttlMs) continue
      counts.set(worker, mine + 1)
      if (lease.owner !== undefined && lease.owner !== worker && !isMine) takenOver.push(shardId)
      lease.owner = worker
      lease.epoch = Math.max(lease.epoch + 1, now)
      lease.expiry = now + ttlMs
      lease.handoff = undefined
      lease.movedAt = isMine ? now : undefined
      acquired.push({ shardId, epoch: lease.epoch, checkpoint: lease.checkpoint })
    }
    return { total: this.#state.leases.size, acquired, takenOver }
  }

  renew(
    worker: string,
    held: readonly (Lease & { bytesPerSecond: number | undefined })[],
    { ttlMs, isLeaving, utilization }: { ttlMs: number; isLeaving: boolean; utilization: number },
  ): Renewal {
    const now = this.#now()
    const { workers } = this.#state
    if (isLeaving) workers.delete(worker)
    else {
      const known = workers.get(worker)
      const joinedAt = known !== undefined && known.goneAt > now ? known.joinedAt : now
      workers.set(worker, { goneAt: now + ttlMs, utilization, joinedAt })
    }
    for (const [name, { goneAt }] of workers) if (goneAt <= now - 10 * ttlMs) workers.delete(name)
    const renewal: Renewal = { lost: [], handedOff: new Map() }
    for (const lease of held) {
      const owned = this.#owned(worker, lease)
      if (owned === undefined) {
        renewal.lost.push(lease.shardId)
        continue
      }
      owned.expiry = now + ttlMs
      if (lease.bytesPerSecond !== undefined) owned.bytesPerSecond = lease.bytesPerSecond
      if (owned.handoff !== undefined) renewal.handedOff.set(lease.shardId, owned.handoff.deadline - now)
    }
    return renewal
  }

  readLoads(): LoadSnapshot {
    const now = this.#now()
    return {
      now,
      workers: this.#liveWorkers().map(([workerId, { utilization, joinedAt }]) => ({
        workerId,
        utilization,
        joinedAt,
      })),
      leases: [...this.#state.leases].flatMap(([shardId, lease]) => {
        const { owner, handoff, bytesPerSecond, movedAt } = lease
        if (owner === undefined || lease.expiry <= now) return []
        const isMoving = handoff !== undefined
        const moved = movedAt === undefined ? {} : { movedAt }
        return [{ shardId, owner: handoff?.heir ?? owner, bytesPerSecond, ...moved, isMoving }]
      }),
    }
  }

  handOff(worker: string, leases: readonly (Lease & { heir: string })[], deadlineMs: number): string[] {
    const now = this.#now()
    return leases
      .filter((lease) => {
        const { heir } = lease
        const owned = this.#owned(worker, lease)
        const isHeirLive = (this.#state.workers.get(heir)?.goneAt ?? 0) > now
        if (owned === undefined || heir === worker || !isHeirLive || owned.handoff !== undefined) return false
        owned.handoff = { heir, deadline: now + deadlineMs }
        return true
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
    lease.handoff = undefined
    lease.bytesPerSecond = 0
    lease.movedAt = undefined
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
    leases.set(shardId, {
      owner: undefined,
      epoch: 0,
      expiry: this.#now(),
      checkpoint,
      parents,
      bytesPerSecond: 0,
      movedAt: undefined,
      handoff: undefined,
    })
    return true
  }

  /** In the order in which they would go. */
  #liveWorkers(): [string, ModelWorker][] {
    return [...this.#state.workers]
      .filter(([, { goneAt }]) => goneAt > this.#now())
      .sort(([a, { goneAt: left }], [b, { goneAt: right }]) => left - right || (a < b ? -1 : 1))
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

type Candidate = { shardId: string; lease: ModelLease; isMine: boolean }

function inOrderOfTaking(a: Candidate, b: Candidate): number {
  if (a.isMine !== b.isMine) return a.isMine ? -1 : 1
  return a.lease.expiry - b.lease.expiry || (a.shardId < b.shardId ? -1 : 1)
}

function emptyState(): State {
  return { stream: undefined, leases: new Map(), workers: new Map(), turns: new Map() }
}
