import { FRESHNESS_SECONDS, LATENCY_SECONDS } from '../buckets.ts'
import type { Group } from '../definition.ts'
import { FEED_KIND, SHARD } from '../labels.ts'

/** What the library for Kinesis measures, whoever uses it. */
export const libraryMetrics = {
  title: 'Reading a stream',
  from: ['consumer'],
  metrics: {
    consumer_lag_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'how far a shard is behind: the age of its oldest record that is read and not yet handled',
      labels: { shard: SHARD },
    },
    consumer_reads_total: {
      type: 'counter',
      help: 'polls of shards (GetRecords), by result: throttled ones exceeded what the shard gives',
      labels: { result: ['read', 'throttled', 'failed'] },
    },
    consumer_batches_total: {
      type: 'counter',
      help: 'batches given to the handlers, each try counted',
      labels: { result: ['handled', 'failed'] },
    },
    consumer_batch_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'time of one poll, of one batch in the handlers, and of one call that writes checkpoints',
      labels: { phase: ['fetch', 'handle', 'checkpoint'] },
      buckets: LATENCY_SECONDS,
    },
    consumer_shard_records_total: {
      type: 'counter',
      help: 'records of a shard that are done with',
      labels: { shard: SHARD },
    },
    consumer_shard_bytes_total: {
      type: 'counter',
      unit: 'bytes',
      help: 'bytes of the records of a shard that are done with',
      labels: { shard: SHARD },
    },
    consumer_read_ahead_bytes: {
      type: 'gauge',
      unit: 'bytes',
      help: 'memory that records hold which are read and not yet handled, and that is kept free for the next reads',
      labels: {},
    },
    consumer_read_ahead_limit_bytes: {
      type: 'gauge',
      unit: 'bytes',
      help: 'how much that may be; each shard may hold one read beyond it',
      labels: {},
    },
    consumer_shards_owned: { type: 'gauge', help: 'leases this worker holds', labels: {} },
    consumer_shards_stuck: {
      type: 'gauge',
      help: 'shards whose handler has not returned for a minute, or for as long as is configured',
      labels: {},
    },
    consumer_shards_waiting: {
      type: 'gauge',
      help: 'shards that wait for a dependency which is down',
      labels: {},
    },
    consumer_lease_changes_total: {
      type: 'counter',
      help: 'leases by what happened to them; those are completed whose shard was read to its end',
      labels: { change: ['acquired', 'released', 'lost', 'completed'] },
    },
    consumer_lease_takeovers_total: {
      type: 'counter',
      help: 'of the leases acquired, those that another worker had let run out',
      labels: {},
    },
    consumer_checkpoints_total: {
      type: 'counter',
      help: 'checkpoints by result: fenced ones came after the shard had passed to another worker',
      labels: { result: ['accepted', 'behind', 'fenced', 'ended', 'failed'] },
    },
    consumer_checkpoint_age_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'how long the oldest work of a shard that is done and not yet checkpointed has been done; 0 when there is none',
      labels: { shard: SHARD },
    },
    consumer_expired_checkpoints_total: {
      type: 'counter',
      help: 'checkpoints older than the stream: reading went on from the oldest record, records may be lost',
      labels: {},
    },
    consumer_fan_out_changes_total: {
      type: 'counter',
      help: 'changes of a shard from enhanced fan-out to polling and back',
      labels: { to: ['fan-out', 'polling'] },
    },
    consumer_lease_repairs_total: {
      type: 'counter',
      help: 'leases that the store had lost and that were made again, at the oldest checkpoint known',
      labels: {},
    },
  },
} as const satisfies Group

/** What the consumer makes of the processed events. */
export const insightMetrics = {
  title: 'Consumer',
  from: ['consumer'],
  metrics: {
    consumer_records_total: {
      type: 'counter',
      help: 'records handled, by type of event and result; without feed_kind where a record does not tell its feed',
      labels: {
        feed_kind: FEED_KIND,
        type: [
          'accident',
          'accident_late',
          'rejected',
          'state_severity_minute',
          'hotspot',
          'top_cities',
          'surge',
          'tally',
          'unknown',
        ],
        result: ['handled', 'skipped', 'undecodable'],
      },
      series: { atOnce: 18, aDay: 18 },
    },
    freshness_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'from the put of a row to the moment its insight can be read',
      labels: { feed_kind: FEED_KIND },
      buckets: FRESHNESS_SECONDS,
    },
    hop_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'the two parts of that way: from the put of a row to what Flink put, and from there to the insight',
      labels: { feed_kind: FEED_KIND, hop: ['flink', 'consumer'] },
      buckets: FRESHNESS_SECONDS,
    },
  },
} as const satisfies Group

/** Of the producer and the consumer. */
export const deadLetterMetrics = {
  title: 'Dead letters',
  from: ['producer', 'consumer'],
  metrics: {
    dead_letters_total: {
      type: 'counter',
      help: 'records put aside, by origin',
      labels: { origin: ['row', 'oversize', 'rejected', 'handler'] },
    },
  },
} as const satisfies Group
