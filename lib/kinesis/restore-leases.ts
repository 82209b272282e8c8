import type { SavedCheckpoints } from './checkpoint-backup.ts'
import { type ListedShard, type PlannedLease, planLeases } from './plan-leases.ts'
import { SHARD_END } from './position.ts'

/**
 * What an application does when the lease store has lost everything. `backup`: goes on at the checkpoints that were
 * saved; right when the effects of its handlers are kept elsewhere. `trim-horizon`: begins with the oldest record that
 * the stream holds; right when the effects were in the same store and have gone with it.
 */
export type OnEmptyStore = 'backup' | 'trim-horizon'

/** The leases to make. Without a backup that can be used, from the oldest record: twice is better than never. */
export function planRestore(
  shards: readonly ListedShard[],
  saved: SavedCheckpoints | 'damaged',
  onEmptyStore: OnEmptyStore,
): PlannedLease[] {
  const checkpoints = saved === 'damaged' || onEmptyStore === 'trim-horizon' ? new Map() : saved.checkpoints
  const restored = shards.flatMap(({ shardId, parents }): PlannedLease[] => {
    const checkpoint = checkpoints.get(shardId)
    return checkpoint === undefined ? [] : [{ shardId, parents, checkpoint }]
  })
  const states = new Map(restored.map(({ shardId, checkpoint }) => [shardId, checkpoint === SHARD_END]))
  return [...restored, ...planLeases(shards, states, 'TRIM_HORIZON')]
}
