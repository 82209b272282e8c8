import { LATENCY_SECONDS } from '../buckets.ts'
import type { Group } from '../definition.ts'
import { FEED_KIND } from '../labels.ts'

const STREAM = ['raw', 'processed'] as const

export const producerMetrics = {
  title: 'Producer',
  from: ['producer'],
  metrics: {
    producer_rows_total: {
      type: 'counter',
      help: 'rows of the source, by what became of them',
      labels: { feed_kind: FEED_KIND, result: ['emitted', 'refused', 'filtered'] },
    },
    producer_put_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'time of one PutRecords call, by stream',
      labels: { stream: STREAM },
      buckets: LATENCY_SECONDS,
    },
    producer_put_records_total: {
      type: 'counter',
      help: 'records put, each try counted, by what Kinesis said: throttled ones exceeded what their shard takes',
      labels: { stream: STREAM, result: ['accepted', 'throttled', 'refused'] },
    },
    producer_buffered_bytes: {
      type: 'gauge',
      unit: 'bytes',
      help: 'bytes read and not yet acknowledged by Kinesis, of all ranges under way',
      labels: {},
    },
    producer_buffered_records: {
      type: 'gauge',
      help: 'records read and not yet acknowledged by Kinesis, of all ranges under way',
      labels: {},
    },
    producer_buffer_limit_bytes: {
      type: 'gauge',
      unit: 'bytes',
      help: 'how much the ranges under way may have in flight together',
      labels: {},
    },
    producer_ranges_running: {
      type: 'gauge',
      help: 'ranges of feeds that this producer executes',
      labels: { feed_kind: FEED_KIND },
    },
    producer_range_slots: {
      type: 'gauge',
      help: 'ranges of feeds that this producer executes at most',
      labels: { feed_kind: FEED_KIND },
    },
    producer_feeds_ended_total: {
      type: 'counter',
      help: 'feeds that came to an end at this producer, by how',
      labels: { feed_kind: FEED_KIND, state: ['finished', 'failed', 'ended', 'cancelled'] },
    },
    producer_pace_lag_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'how far the range that is furthest behind its pace is behind it; 0 at the pace max',
      labels: { feed_kind: FEED_KIND },
    },
    producer_replay_wait_seconds_total: {
      type: 'counter',
      unit: 'seconds',
      help: 'time that replays waited because they had had their share of stream 1',
      labels: {},
    },
  },
} as const satisfies Group
