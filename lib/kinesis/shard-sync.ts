import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { Log } from '../process/log.ts'
import type { LeaseStore } from './lease-store.ts'
import { listShards } from './list-shards.ts'
import { planLeases } from './plan-leases.ts'
import { SHARD_END } from './position.ts'

/**
 * Brings the leases in line with the shards of the stream: makes those that are missing, removes those of shards that
 * have left the stream. Any worker may do it at any time.
 */
export async function syncShards(options: {
  kinesis: Pick<KinesisClient, 'send'>
  stream: string
  store: LeaseStore
  log: Log
}): Promise<void> {
  const { store, stream, log } = options
  await store.bindStream(stream)
  const shards = await listShards(options.kinesis, stream)
  const checkpoints = await store.readCheckpoints()
  const leases = new Map([...checkpoints].map(([shardId, checkpoint]) => [shardId, checkpoint === SHARD_END]))
  const created = await store.create(planLeases(shards, leases, 'TRIM_HORIZON'))
  if (created.length > 0) log.info({ shards: created }, 'leases created')

  const listed = new Set(shards.map((shard) => shard.shardId))
  const unfinished = await store.forget([...leases.keys()].filter((shardId) => !listed.has(shardId)))
  if (unfinished.length > 0) {
    log.error(
      { shards: unfinished },
      'shards left the stream before they were read to their end: records are lost',
    )
  }
}
