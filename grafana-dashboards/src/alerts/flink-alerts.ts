import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import type { RuleGroup } from './rule.ts'
import { series } from './series.ts'

/** Of Flink's own reporter, which is scraped where the job is not in Managed Flink: there CloudWatch has the same alarms. */
export const flinkAlerts: RuleGroup = {
  name: 'roadpulse-flink',
  rules: [
    {
      alert: 'FlinkDroppedLate',
      expr: `sum(${series('flink_taskmanager_job_task_operator_numLateRecordsDropped')}) > 0`,
      severity: 'critical',
      section: 'conservation-broken',
      summary: 'Flink has dropped {{ $value }} records as late, which the watermarks rule out.',
      description: 'Counts are short by these. It stays until the job is started anew.',
    },
    {
      alert: 'FlinkCheckpointsFail',
      expr: `max(increase(${series('flink_jobmanager_job_numberOfFailedCheckpoints')}[5m])) > 0`,
      forMs: 300_000,
      severity: 'warning',
      section: 'failing',
      summary: '{{ $value | humanize }} checkpoints of the Flink job have failed in the last 5m.',
      description: 'After a restart it reads again from the last good one.',
    },
    {
      alert: 'FlinkCheckpointsSlow',
      expr: `max(${series('flink_jobmanager_job_lastCheckpointDuration')}) > ${THRESHOLDS.jobCheckpointMs}`,
      forMs: 600_000,
      severity: 'warning',
      section: 'unresponsive',
      summary: 'A checkpoint of the Flink job takes {{ $value }} ms.',
      description: 'A restart repeats as much. The job has too much state for its disk, or back-pressure.',
    },
    {
      alert: 'FlinkRestarts',
      expr: `max(increase(${series('flink_jobmanager_job_numRestarts')}[15m])) > ${THRESHOLDS.jobRestarts}`,
      severity: 'critical',
      section: 'failing',
      summary: 'The Flink job has restarted {{ $value | humanize }} times in a quarter of an hour.',
      description: 'Its own page shows the exception under which it ended last.',
    },
  ],
}
