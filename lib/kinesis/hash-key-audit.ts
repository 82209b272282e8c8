import { findHoles, type HashKeyRange, overlap } from './hash-key-range.ts'
import {
  inOrderOfCreation,
  type ListedShard,
  type PlannedLease,
  planLeases,
  type StartPosition,
} from './plan-leases.ts'
import { type Checkpoint, SHARD_END } from './position.ts'

/** A hole must be seen so many times in a row: a split or a merge that is under way looks like one for a moment. */
const CONFIRMATIONS = 3

/** `leases`: to be made now, for the holes that are confirmed. */
export type Repair = { holes: HashKeyRange[]; confirmed: HashKeyRange[]; leases: PlannedLease[] }

/**
 * Looks for hash keys that no lease covers, although some shard takes them: leases that the store has lost. Leases that
 * were read to their end cover nothing. What it saw before is kept: how often a hole was there, and where each shard
 * stood. So a lease comes back at the checkpoint that was last seen, which may be too early but is never too late. Where
 * nothing was seen it comes back where the plan for a new application puts it.
 */
export class HashKeyAudit {
  readonly #position: StartPosition
  #seen = new Map<string, number>()
  #known = new Map<string, Checkpoint>()

  constructor(position: StartPosition) {
    // Where nothing is known of a lost lease, LATEST would lose what came since.
    this.#position = position === 'LATEST' ? 'TRIM_HORIZON' : position
  }

  look(shards: readonly ListedShard[], leases: ReadonlyMap<string, Checkpoint>): Repair {
    const isActive = ({ shardId }: ListedShard) => leases.has(shardId) && leases.get(shardId) !== SHARD_END
    const holes = findHoles(shards.filter(isActive).map((shard) => shard.hashKeys))
    this.#seen = new Map(holes.map((hole) => [nameOf(hole), (this.#seen.get(nameOf(hole)) ?? 0) + 1]))
    const confirmed = holes.filter((hole) => (this.#seen.get(nameOf(hole)) ?? 0) >= CONFIRMATIONS)
    const listed = new Set(shards.map((shard) => shard.shardId))
    this.#known = new Map([...this.#known, ...leases].filter(([shardId]) => listed.has(shardId)))
    return { holes, confirmed, leases: this.#plan(shards, leases, confirmed) }
  }

  #plan(
    shards: readonly ListedShard[],
    leases: ReadonlyMap<string, Checkpoint>,
    holes: readonly HashKeyRange[],
  ): PlannedLease[] {
    const affected = new Set(
      shards
        .filter(
          ({ shardId, hashKeys }) => !leases.has(shardId) && holes.some((hole) => overlap(hole, hashKeys)),
        )
        .map((shard) => shard.shardId),
    )
    const states = new Map([...leases].map(([shardId, checkpoint]) => [shardId, checkpoint === SHARD_END]))
    for (const shardId of affected) {
      const checkpoint = this.#known.get(shardId)
      if (checkpoint !== undefined) states.set(shardId, checkpoint === SHARD_END)
    }
    const planned = new Map(
      planLeases(shards, states, this.#position).map((lease) => [lease.shardId, lease.checkpoint]),
    )
    return shards
      .filter(({ shardId }) => affected.has(shardId))
      .sort(inOrderOfCreation)
      .flatMap(({ shardId, parents }) => {
        const checkpoint = this.#known.get(shardId) ?? planned.get(shardId)
        return checkpoint === undefined || checkpoint === SHARD_END ? [] : [{ shardId, parents, checkpoint }]
      })
  }
}

function nameOf(hole: HashKeyRange): string {
  return `${hole.start}-${hole.end}`
}
