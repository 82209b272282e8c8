import type { ConsumerStatus } from '../kinesis/consumer.ts'
import type { WorkerReport } from './heartbeat.ts'

/** What the fleet is told of a consumer. Its lag is that of its shard that is furthest behind. */
export function toConsumerReport({ shards, records, batches }: ConsumerStatus, now: number): WorkerReport {
  const halted = shards.find((shard) => shard.reason !== undefined)
  return {
    holds: shards.map((shard) => shard.shardId),
    progress: { records, batches },
    lagMs: Math.max(0, ...shards.map((shard) => shard.lagMs)),
    ...(halted === undefined
      ? {}
      : { lastError: { at: now, message: `${halted.shardId} ${halted.state}: ${halted.reason}` } }),
  }
}
