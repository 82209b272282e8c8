import type { KinesisRecord } from './kinesis-record.ts'
import type { ChildLease } from './lease-store.ts'
import type { Checkpoint } from './position.ts'

/** The next records of a shard, in order; possibly none. */
export type ShardRead = {
  records: KinesisRecord[]
  /** How far behind the tip of the shard its last record is; 0 at the tip. */
  behindMs: number
  isShardEnd: boolean
  /** At the shard's end, where the service names them; empty otherwise. */
  children: ChildLease[]
}

/** One shard, read in order from a checkpoint on. One `read` at a time. */
export type ShardReader = {
  /**
   * Resolves to undefined once `signal` has aborted. Never rejects: what fails is tried again, with jitter. Each call gets
   * the same signal: what a reader keeps open in between, as a subscription, ends with it.
   */
  read(signal: AbortSignal): Promise<ShardRead | undefined>
}

/** A reader whose place another reader can take over, without a gap and without a repetition. */
export type ReplaceableReader = ShardReader & {
  /** After all that `read` has resolved to. */
  position(): Checkpoint
}
