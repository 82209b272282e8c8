import type { HashKeyRange } from './hash-key-range.ts'
import type { Checkpoint } from './position.ts'

/** A shard as ListShards shows it. `isOpen`: it still takes records. */
export type ListedShard = {
  shardId: string
  /** One parent after a split, two after a merge; also those that have left the stream. */
  parents: readonly string[]
  startingSequenceNumber: string
  isOpen: boolean
  hashKeys: HashKeyRange
}

/** Where to begin with a shard that nothing was read of. */
export type StartPosition = 'TRIM_HORIZON' | 'LATEST' | `AT_TIMESTAMP:${number}`

export type PlannedLease = { shardId: string; parents: readonly string[]; checkpoint: Checkpoint }

/**
 * The leases to make, given all shards of the stream, the leases that exist (true: read to the end) and where to begin.
 * In the order of the shards' creation. Idempotent: with its result added to `leases`, it plans nothing.
 *
 * Every open shard must be reached, once: by its own lease, or by an ancestor's, whose end makes the leases of its
 * children. So the plan walks from each open shard towards its ancestors and stops at the first layer without a gap:
 *
 *     0   1   2   3          leases: 3                       position TRIM_HORIZON: make 0, 1, 2
 *      \ /     \ /           6 waits for 0 and 1,            (6, 7 and 8 follow when their parents end)
 *       6       7            7 waits for 2 and 3,
 *        \     /             8 waits for 6 and 7             position LATEST: make 2 and 6, for 8 descends
 *          8 (open)                                          from a lease and its other half must not be missed
 *
 * A parent counts as gone only when it is not listed any more. Children of a parent that has a lease begin at
 * TRIM_HORIZON, whatever the position is: what they hold came after what was read, or after what was missed. A child of
 * an open parent is left out: the list was made while the parent was split, and the parent's end will make the lease.
 * Source of the rules: HierarchicalShardSyncer of the Amazon Kinesis Client Library 3, apart from "gone", which there
 * means "without a lease" and lets a child start before its parent.
 */
export function planLeases(
  shards: readonly ListedShard[],
  leases: ReadonlyMap<string, boolean>,
  position: StartPosition,
): PlannedLease[] {
  // Parents come before their children. Walks along it need no recursion, which a lineage of years would exhaust.
  const inOrder = [...shards].sort(inOrderOfCreation)
  const listed = new Map(inOrder.map((shard) => [shard.shardId, shard]))
  const listedParents = (shard: ListedShard) => shard.parents.flatMap((parent) => listed.get(parent) ?? [])
  const hasLeasedParent = (shard: ListedShard) => shard.parents.some((parent) => leases.has(parent))

  const descendants = new Set<ListedShard>()
  for (const shard of inOrder) {
    const isDescendant =
      hasLeasedParent(shard) || listedParents(shard).some((parent) => descendants.has(parent))
    if (isDescendant) descendants.add(shard)
  }

  const toReach = new Set(
    inOrder.filter((shard) => shard.isOpen && !listedParents(shard).some((parent) => parent.isOpen)),
  )
  const planned: PlannedLease[] = []
  for (const shard of inOrder.toReversed()) {
    if (!toReach.has(shard) || leases.has(shard.shardId)) continue
    const parents = listedParents(shard)
    const isAfterItsParents = parents.every((parent) => leases.get(parent.shardId) === true)
    if (isAfterItsParents || (position === 'LATEST' && !descendants.has(shard))) {
      const checkpoint = hasLeasedParent(shard) ? 'TRIM_HORIZON' : position
      planned.push({ shardId: shard.shardId, parents: shard.parents, checkpoint })
    } else {
      for (const parent of parents) toReach.add(parent)
    }
  }
  return planned.toReversed()
}

/** The leases of a new application, given the shards that held the position's moment: each of them, none besides. */
export function planSnapshot(shards: readonly ListedShard[], position: StartPosition): PlannedLease[] {
  return [...shards]
    .sort(inOrderOfCreation)
    .map(({ shardId, parents }) => ({ shardId, parents, checkpoint: position }))
}

/** What cannot be true of a stream at any one moment; undefined when all is well. ListShards follows with a delay. */
export function findInconsistency(shards: readonly ListedShard[]): string | undefined {
  const open = new Set(shards.filter((shard) => shard.isOpen).map((shard) => shard.shardId))
  for (const { shardId, parents } of shards) {
    const parent = parents.find((parent) => open.has(parent))
    if (parent !== undefined) return `inconsistent shard list: ${shardId} is a child of open ${parent}`
  }
  return undefined
}

export function inOrderOfCreation(a: ListedShard, b: ListedShard): number {
  const [left, right] = [BigInt(a.startingSequenceNumber), BigInt(b.startingSequenceNumber)]
  if (left !== right) return left < right ? -1 : 1
  return a.shardId < b.shardId ? -1 : 1
}
