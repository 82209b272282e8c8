import type { HashKeyRange } from '../../lib/kinesis/hash-key-range.ts'
import { ALL_HASH_KEYS } from '../../lib/kinesis/hash-key-range.ts'
import type { ListedShard } from '../../lib/kinesis/plan-leases.ts'

type VectorRange = { startHash: string | null; endHash: string | null }

type VectorShard = VectorRange & {
  id: string
  parent: string | null
  adjacentParent: string | null
  startSeq: string
  endSeq: string | null
}

type LineageCase = {
  name: string
  mode: 'empty-table' | 'non-empty-table'
  position: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  timestamp?: number
  existingLeases: string[]
  shards: VectorShard[] | null
  /** Null where the list must be refused, with `expectedError`. */
  expectedNewLeases: { shardId: string; checkpoint: string }[] | null
  expectedError?: string
}

type HashHoleCase = { name: string; ranges: VectorRange[]; hole: boolean }

export type ShardLineageVectors = {
  format: 'reshard-lineage-cases/1'
  cases: LineageCase[]
  hashHoleCases?: HashHoleCase[]
}

export function toListedShards(shards: readonly VectorShard[]): ListedShard[] {
  return shards.map((shard) => ({
    shardId: shard.id,
    parents: [shard.parent, shard.adjacentParent].filter((parent) => parent !== null),
    startingSequenceNumber: shard.startSeq,
    isOpen: shard.endSeq === null,
    hashKeys: toHashKeyRange(shard),
  }))
}

export function toHashKeyRange({ startHash, endHash }: VectorRange): HashKeyRange {
  return {
    start: startHash === null ? ALL_HASH_KEYS.start : BigInt(startHash),
    end: endHash === null ? ALL_HASH_KEYS.end : BigInt(endHash),
  }
}
