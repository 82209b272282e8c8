import type { Group } from '../definition.ts'
import { FEED_KIND, LAWS } from '../labels.ts'

const KIND = ['producer', 'consumer', 'api', 'firehose'] as const

/** Facts of the whole fleet, as the one api on watch reads them from Redis. */
export const fleetMetrics = {
  title: 'The fleet',
  from: ['watch'],
  metrics: {
    fleet_workers: {
      type: 'gauge',
      help: 'workers by kind and state; silent ones have stopped to beat without a goodbye, for an hour',
      labels: { kind: KIND, state: ['starting', 'running', 'draining', 'stopped', 'silent'] },
    },
    fleet_workers_wanted: {
      type: 'gauge',
      help: 'how many workers of a kind there are to be, where that is known',
      labels: { kind: KIND },
    },
    fleet_shards: {
      type: 'gauge',
      help: 'shards of stream 2 that are not read to their end',
      labels: {},
    },
    fleet_shards_unowned: { type: 'gauge', help: 'of these, shards that no worker owns', labels: {} },
    fleet_lag_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'how far behind the shard of stream 2 is that is furthest behind, as its owner said last',
      labels: {},
    },
    incidents_open: {
      type: 'gauge',
      help: 'open incidents, by severity',
      labels: { severity: ['critical', 'warning'] },
    },
    alert_outbox_age_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'for how long the oldest message that SNS has not taken waits; 0 when none does',
      labels: {},
    },
    redis_memory_used_bytes: { type: 'gauge', unit: 'bytes', help: 'memory that Redis uses', labels: {} },
    redis_memory_max_bytes: {
      type: 'gauge',
      unit: 'bytes',
      help: 'memory that Redis may use; absent where it has no limit',
      labels: {},
    },
    redis_memory_used_ratio: {
      type: 'gauge',
      unit: 'ratio',
      help: 'share of that memory which is used; absent where there is no limit',
      labels: {},
    },
  },
} as const satisfies Group

/** The newest 20 feeds as `GET /pipeline` shows them, summed by kind. */
export const pipelineMetrics = {
  title: 'The pipeline',
  from: ['watch'],
  metrics: {
    feeds: {
      type: 'gauge',
      help: 'feeds among the newest 20, by state',
      labels: {
        feed_kind: FEED_KIND,
        state: ['waiting', 'running', 'paused', 'finished', 'failed', 'ended', 'cancelled'],
      },
    },
    pipeline_rows: {
      type: 'gauge',
      help: 'rows of the newest 20 feeds at each place where they are counted',
      labels: {
        feed_kind: FEED_KIND,
        place: [
          'read',
          'refused',
          'filtered',
          'recovered',
          'emitted',
          'in',
          'resent',
          'rejected',
          'valid',
          'repeated',
          'unique',
          'on_time',
          'late',
          'received_accident',
          'received_accident_late',
          'received_rejected',
          'windowed',
        ],
      },
    },
    pipeline_backlog_rows: {
      type: 'gauge',
      help: 'rows that a stage has before it: emitted and not counted by Flink, counted and not received by the consumer',
      labels: { feed_kind: FEED_KIND, stage: ['flink', 'consumer'] },
    },
    pipeline_watermark_lag_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'age of the moment up to which Flink has counted every event, of the running feed that is furthest behind',
      labels: { feed_kind: FEED_KIND },
    },
    conservation_difference_rows: {
      type: 'gauge',
      help: 'rows by which a law does not hold, lost or made up; 0 is what must be',
      labels: {
        feed_kind: FEED_KIND,
        law: LAWS,
      },
    },
  },
} as const satisfies Group
