import t from 'tap'
import { findHoles } from '../../lib/kinesis/hash-key-range.ts'
import { findInconsistency, planLeases, planSnapshot } from '../../lib/kinesis/plan-leases.ts'
import { type ShardLineageVectors, toHashKeyRange, toListedShards } from '../support/shard-lineage-vectors.ts'
import { NO_VECTORS, readVectors } from '../support/vectors.ts'

const files = readVectors<ShardLineageVectors>('reshard-lineage-cases/1')

if (files === undefined) t.test('lineages of shards', { skip: NO_VECTORS }, () => {})
for (const vector of files?.flatMap(({ cases }) => cases) ?? []) {
  t.test(`the plan differs from the KCL on a known lineage: ${vector.name}`, async (t) => {
    const shards = toListedShards(vector.shards ?? [])
    if (vector.expectedNewLeases === null) {
      t.equal(findInconsistency(shards), vector.expectedError)
      return
    }
    const leases = new Map(vector.existingLeases.map((shardId) => [shardId, false]))
    const position =
      vector.position === 'AT_TIMESTAMP'
        ? (`AT_TIMESTAMP:${vector.timestamp ?? 0}` as const)
        : vector.position
    const planned =
      vector.mode === 'empty-table' ? planSnapshot(shards, position) : planLeases(shards, leases, position)
    t.strictSame(
      planned.map(({ shardId, checkpoint }) => ({ shardId, checkpoint: checkpoint.split(':')[0] })),
      vector.expectedNewLeases.map(({ shardId, checkpoint }) => ({ shardId, checkpoint })),
    )
  })
}
for (const { name, ranges, hole } of files?.flatMap(({ hashHoleCases }) => hashHoleCases ?? []) ?? []) {
  t.test(`a hole among the hash keys is overlooked, or an overlap is taken for one: ${name}`, async (t) => {
    t.equal(findHoles(ranges.map(toHashKeyRange)).length > 0, hole)
  })
}
