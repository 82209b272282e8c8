import { BytesIEC, Milliseconds, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between } from './expectation.ts'
import { changes, gauge, max, perSecond, sum } from './query.ts'

/** What its own reporter serves. On AWS the same figures are in CloudWatch. */
export const flinkJobSection: Section<PrometheusTarget> = {
  title: 'The job itself, where Prometheus scrapes it (on AWS: see the dashboard AWS)',
  panels: [
    {
      look: 'bars',
      title: 'Restarts of the job',
      unit: NoUnit,
      shows: 'Restarts after a failure.',
      normal: 'nothing.',
      otherwise:
        'the log of the job says what failed; it goes on from its last checkpoint, and nothing is lost.',
      runbook: 'failing',
      limits: { critical: 1 },
      width: 6,
      targets: [
        {
          legend: 'restarts',
          query: sum(changes('flink_jobmanager_job_numRestarts')),
          expects: between(0, 0),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Time of a checkpoint',
      unit: Milliseconds,
      shows: 'How long the last checkpoint took.',
      normal: 'below 1 s.',
      otherwise: 'near the interval between checkpoints: back-pressure, or a slow store.',
      runbook: 'stalled',
      limits: { warning: 10_000 },
      width: 6,
      targets: [
        {
          legend: 'last',
          query: max(gauge('flink_jobmanager_job_lastCheckpointDuration')),
          expects: between(0, 10_000),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Size of a checkpoint',
      unit: BytesIEC,
      shows: 'What the last checkpoint holds.',
      normal: 'grows for a day of event time (what is remembered to find repeated rows), and then stays.',
      otherwise: 'growing on and on: state that does not end.',
      width: 6,
      targets: [
        {
          legend: 'last',
          query: max(gauge('flink_jobmanager_job_lastCheckpointSize')),
          expects: between(1, 10_000_000_000),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Checkpoints that failed',
      unit: NoUnit,
      shows: 'Checkpoints that were given up.',
      normal: 'nothing.',
      otherwise: 'three on end restart the job: look at the store of the checkpoints.',
      runbook: 'failing',
      limits: { warning: 1 },
      width: 6,
      targets: [
        {
          legend: 'failed',
          query: sum(changes('flink_jobmanager_job_numberOfFailedCheckpoints')),
          expects: between(0, 0),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Busy',
      unit: PercentUnit,
      shows: 'Share of the time that the busiest part of each task works.',
      normal: 'below 0.7.',
      otherwise: 'near 1: that task limits the job; it needs more slots.',
      runbook: 'stalled',
      limits: { warning: 0.9 },
      max: 1,
      width: 12,
      targets: [
        {
          legend: '{{task_name}}',
          query: perSecond(max(gauge('flink_taskmanager_job_task_busyTimeMsPerSecond'), 'task_name')),
          expects: between(0, 1, { labels: { task_name: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Held back',
      unit: PercentUnit,
      shows: 'Share of the time that a task waits for the next one (back-pressure).',
      normal: 'near 0.',
      otherwise: 'the first task after those that are held back is too slow.',
      runbook: 'stalled',
      limits: { warning: 0.5 },
      max: 1,
      width: 12,
      targets: [
        {
          legend: '{{task_name}}',
          query: perSecond(
            max(gauge('flink_taskmanager_job_task_backPressuredTimeMsPerSecond'), 'task_name'),
          ),
          expects: between(0, 1, { labels: { task_name: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Shards of stream 1 behind',
      unit: Milliseconds,
      shows: 'How far the reading of each shard is behind its tip.',
      normal: 'below 1 s.',
      otherwise: 'one that grows alone: a hot key, or a reader that is held back.',
      runbook: 'stalled',
      limits: { warning: 10_000 },
      width: 6,
      targets: [
        {
          legend: '{{shardId}}',
          query: max(
            gauge(
              'flink_taskmanager_job_task_operator_KinesisStreamSource_region_stream_shardId_millisBehindLatest',
            ),
            'shardId',
          ),
          expects: between(0, 60_000, { labels: { shardId: 'any' } }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Refused by a window as late',
      unit: NoUnit,
      shows: 'Records that came to a window after it had closed.',
      normal: 'nothing, ever: late is decided before, by the arrival of a record.',
      otherwise: 'watermarks are wrong, and figures of minutes miss accidents. Keep the logs.',
      runbook: 'conservation-broken',
      limits: { critical: 1 },
      width: 6,
      targets: [
        {
          legend: 'dropped',
          query: sum(gauge('flink_taskmanager_job_task_operator_numLateRecordsDropped')),
          expects: between(0, 0),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Weather that no rule knows',
      unit: NoUnit,
      shows:
        'Rows since the last start of the job whose weather condition has no class: each as it comes in, those that are sent again or repeated too.',
      normal: '0: the rules know every condition of the real rows.',
      otherwise:
        'these rows count as unknown weather. The log of the job names one condition a minute: add it to lib/rules/weather.json.',
      width: 6,
      targets: [
        {
          legend: 'rows',
          query: sum(gauge('flink_taskmanager_job_task_operator_kinesisanalytics_unknownWeatherConditions')),
          expects: between(0, 1_000_000),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Heap',
      unit: BytesIEC,
      shows: 'Memory that the task managers use of their heap.',
      normal: 'up and down, without a trend.',
      otherwise: 'near the limit: more memory, or fewer slots.',
      runbook: 'failing',
      width: 6,
      targets: [
        {
          legend: '{{instance}}',
          query: max(gauge('flink_taskmanager_Status_JVM_Memory_Heap_Used'), 'instance'),
          expects: between(1, 10_000_000_000, { labels: { instance: 'any' } }),
        },
      ],
    },
  ],
}
