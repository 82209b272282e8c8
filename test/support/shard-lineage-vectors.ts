import { existsSync, readFileSync } from 'node:fs'
import type { ListedShard } from '../../lib/kinesis/plan-leases.ts'

type VectorShard = {
  id: string
  parent: string | null
  adjacentParent: string | null
  startSeq: string
  endSeq: string | null
}

export type LineageCase = {
  name: string
  position: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  timestamp?: number
  existingLeases: string[]
  shards: VectorShard[] | null
  expectedNewLeases: { shardId: string; checkpoint: string }[] | null
}

/** The cases of `shard-lineage.json` beside this repository, or in the folder that VECTORS names; none without it. */
export function readLineageCases(): LineageCase[] | undefined {
  const folder = process.env.VECTORS ?? new URL('../../../shared/vectors', import.meta.url).pathname
  const file = `${folder}/shard-lineage.json`
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: LineageCase[] }).cases
}

export function toListedShards(shards: readonly VectorShard[]): ListedShard[] {
  return shards.map((shard) => ({
    shardId: shard.id,
    parents: [shard.parent, shard.adjacentParent].filter((parent) => parent !== null),
    startingSequenceNumber: shard.startSeq,
    isOpen: shard.endSeq === null,
  }))
}
