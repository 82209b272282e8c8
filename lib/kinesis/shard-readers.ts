import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import type { Log } from '../process/log.ts'
import type { ConsumerMetrics } from './consumer-metrics.ts'
import { createDeaggregatingReader } from './deaggregating-reader.ts'
import { createFallbackReader } from './fallback-reader.ts'
import { createFanOutReader } from './fan-out-reader.ts'
import { createPollingReader, type PollingReaderOptions } from './polling-reader.ts'
import type { Checkpoint } from './position.ts'
import type { ReadLimits } from './read-budget.ts'
import type { ShardReader } from './shard-reader.ts'
import { createStreamConsumer } from './stream-consumer.ts'

export type ShardReadersOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Its name or its ARN. */
  stream: string
  /** Between two reads at the tip of a shard. */
  pollIntervalMs: number
  /** What a shard gives to those who poll it; without it the limits of Kinesis, which stand-ins need not have. */
  readLimits?: ReadLimits
  /** Reads by enhanced fan-out, under this name, and polls only while that fails; without it polls. */
  fanOutConsumer?: string
  clock: Clock
  random?: () => number
  metrics: ConsumerMetrics
}

/** Opens shards of one stream, in the way that was chosen for all of them. */
export type ShardReaders = {
  /** User records from `checkpoint` on. */
  open(shardId: string, checkpoint: Checkpoint, log: Log): ShardReader
}

export function createShardReaders(options: ShardReadersOptions): ShardReaders {
  const { kinesis, stream, fanOutConsumer: consumerName, metrics } = options
  const expired = metrics.counter('consumer_expired_checkpoints_total')
  const changes = metrics.counter('consumer_fan_out_changes_total')
  const reads = metrics.counter('consumer_reads_total')
  const duration = metrics.histogram('consumer_batch_duration_seconds').labels({ phase: 'fetch' })
  const onRead: PollingReaderOptions['onRead'] = (result, durationMs) => {
    reads.inc({ result })
    duration.observe(durationMs / 1_000)
  }
  const consumer =
    consumerName === undefined ? undefined : createStreamConsumer({ kinesis, stream, consumerName })

  function openRaw(shardId: string, checkpoint: Checkpoint, log: Log): ShardReader {
    const openPolling = (checkpoint: Checkpoint) =>
      createPollingReader({
        ...options,
        shardId,
        checkpoint,
        log,
        onRead,
        onExpiredCheckpoint: () => expired.inc(),
      })
    if (consumer === undefined) return openPolling(checkpoint)
    return createFallbackReader({
      ...options,
      openPreferred: (checkpoint) =>
        createFanOutReader({
          ...options,
          consumerArn: (signal) => consumer.arn(signal),
          shardId,
          checkpoint,
        }),
      openFallback: openPolling,
      checkpoint,
      log,
      onChange: (to) => changes.inc({ to: to === 'preferred' ? 'fan-out' : 'polling' }),
    })
  }

  return {
    open: (shardId, checkpoint, log) =>
      createDeaggregatingReader(openRaw(shardId, checkpoint, log), checkpoint),
  }
}
