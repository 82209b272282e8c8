import type { Definition } from '../../lib/process/metrics/definition.ts'

const TASK = { task_name: { atMost: 30, what: 'tasks of the job' } } as const
const OPERATOR = { ...TASK, operator_name: { atMost: 60, what: 'operators of the job' } } as const

/**
 * What Flink's own reporter for Prometheus serves on one machine, as far as a panel shows it: for that reporter counters
 * are gauges as well. On AWS the same figures are in CloudWatch.
 */
export const FLINK_METRICS = {
  flink_jobmanager_job_numRestarts: { type: 'gauge', help: 'restarts since the start', labels: {} },
  flink_jobmanager_job_lastCheckpointDuration: { type: 'gauge', help: 'ms', labels: {} },
  flink_jobmanager_job_lastCheckpointSize: { type: 'gauge', unit: 'bytes', help: 'size', labels: {} },
  flink_jobmanager_job_numberOfFailedCheckpoints: { type: 'gauge', help: 'checkpoints', labels: {} },
  flink_taskmanager_job_task_busyTimeMsPerSecond: { type: 'gauge', help: 'busy', labels: TASK },
  flink_taskmanager_job_task_backPressuredTimeMsPerSecond: { type: 'gauge', help: 'waits', labels: TASK },
  flink_taskmanager_job_task_operator_numLateRecordsDropped: {
    type: 'gauge',
    help: 'records that a window refused',
    labels: OPERATOR,
  },
  flink_taskmanager_job_task_operator_KinesisStreamSource_region_stream_shardId_millisBehindLatest: {
    type: 'gauge',
    help: 'ms by which a shard of stream 1 is behind',
    labels: { stream: { atMost: 1, what: 'stream 1' }, shardId: { atMost: 8, what: 'its shards' } },
  },
  flink_taskmanager_job_task_operator_kinesisanalytics_unknownWeatherConditions: {
    type: 'gauge',
    help: 'rows, resent and repeated ones too, whose weather condition no rule takes',
    labels: OPERATOR,
  },
  flink_taskmanager_Status_JVM_Memory_Heap_Used: { type: 'gauge', unit: 'bytes', help: 'heap', labels: {} },
} as const satisfies Record<string, Definition>
