import type { Cluster, Redis } from 'ioredis'
import { loadScript } from '../redis/load-script.ts'
import { leaseKeys } from './lease-keys.ts'
import type { Checkpoint } from './position.ts'

const SET_CHECKPOINT = loadScript(new URL('./scripts/set-checkpoint.lua', import.meta.url))

/** `owned`: refused, a worker owns the shard. `missing`: the application has no lease for it. */
export type SetCheckpointResult = { result: 'set' | 'owned' | 'missing'; before: Checkpoint }

/** Moves a shard's checkpoint by hand, also back. What lies between is handled again, or never. */
export async function setCheckpoint(
  redis: Redis | Cluster,
  application: string,
  shardId: string,
  checkpoint: Checkpoint,
): Promise<SetCheckpointResult> {
  const keys = leaseKeys(application)
  const { owners, epochs, expiries, checkpoints, checkpointTimes, handoffs } = keys
  const reply = await SET_CHECKPOINT.run(
    redis,
    [owners, epochs, expiries, checkpoints, checkpointTimes, handoffs],
    [keys.channel, shardId, checkpoint],
  )
  const [result, before] = reply as [SetCheckpointResult['result'], string]
  return { result, before }
}
