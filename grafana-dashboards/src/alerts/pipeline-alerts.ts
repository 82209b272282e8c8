import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { duration, seconds } from './duration.ts'
import type { RuleGroup } from './rule.ts'
import { series } from './series.ts'

/** About the one to two minutes over which the watchdog judges it. */
const FAILED_WINDOW = '2m'
const REFUSED_WINDOW = '15m'
const STALLED = duration(THRESHOLDS.stalledMs)
/** A watermark is behind by the allowed lateness and the slack at the tip, besides what Flink is behind. */
const WATERMARK_BEHIND_MS = 2 * THRESHOLDS.rawBehindMs

const failed = `sum(increase(${series('dead_letters_total', { origin: 'handler' })}[${FAILED_WINDOW}]))`
const handled = `sum(increase(${series('consumer_records_total')}[${FAILED_WINDOW}]))`
const refused = `sum(increase(${series('dead_letters_total', { origin: ['row', 'oversize', 'rejected'] })}[${REFUSED_WINDOW}]))`
const read = `sum(increase(${series('producer_rows_total', { result: ['emitted', 'refused'] })}[${REFUSED_WINDOW}]))`
const counted = series('pipeline_rows', { place: 'in' })
const consumersAreWell = `max(${series('fleet_lag_seconds')}) < ${seconds(THRESHOLDS.consumerWellMs)} and on () sum(${series('fleet_workers', { kind: 'consumer', state: 'running' })}) > 0`

/** What flows, and what gets lost or stuck on the way. */
export const pipelineAlerts: RuleGroup = {
  name: 'roadpulse-pipeline',
  rules: [
    {
      alert: 'ConservationBroken',
      expr: `sum by (feed_kind, law) (${series('conservation_difference_rows')}) > 0`,
      forMs: THRESHOLDS.conservationBrokenMs,
      severity: 'critical',
      section: 'conservation-broken',
      summary:
        'The counts of {{ $labels.feed_kind }} feeds do not agree: {{ $labels.law }} differs by {{ $value }} rows.',
      description: 'Rows were lost, or counted twice. `GET /pipeline` names the feed.',
    },
    {
      alert: 'RecordsUnhandled',
      expr: `${failed} >= ${THRESHOLDS.failedRecords} and ${failed} >= ${THRESHOLDS.failedShare} * ${handled}`,
      severity: 'critical',
      section: 'failing',
      summary: `The consumer could not handle {{ $value | humanize }} records of the last ${FAILED_WINDOW}; they are in the dead letters.`,
      description: 'If something was deployed shortly before, deploy the version before it.',
    },
    {
      alert: 'RowsRefused',
      expr: `${refused} >= ${THRESHOLDS.failedRecords} and ${refused} >= ${THRESHOLDS.failedShare} * ${read}`,
      severity: 'warning',
      section: 'failing',
      summary: `{{ $value | humanize }} rows of the last ${REFUSED_WINDOW} cannot be read or were rejected; they are in the dead letters.`,
      description:
        'The source has a fault, or a column another meaning. `GET /dead-letters` has the reasons.',
    },
    {
      alert: 'ConsumerBehind',
      expr: `max(${series('consumer_lag_seconds')}) > ${seconds(THRESHOLDS.consumerBehindMs)}`,
      forMs: 120_000,
      severity: 'warning',
      section: 'stalled',
      summary: 'A shard of stream 2 is {{ $value | humanizeDuration }} behind.',
      description: 'On AWS there will be more consumers. If it goes on, something holds them up.',
    },
    {
      alert: 'ConsumerStuck',
      expr: `max(${series('consumer_lag_seconds')}) > ${seconds(THRESHOLDS.consumerStuckMs)}`,
      forMs: 120_000,
      severity: 'critical',
      section: 'stalled',
      summary: 'A shard of stream 2 is {{ $value | humanizeDuration }} behind.',
      description: 'Processed events wait, and what people see is as old.',
    },
    {
      alert: 'HandlersHang',
      expr: `sum(${series('consumer_shards_stuck')}) > 0`,
      severity: 'critical',
      section: 'unresponsive',
      summary: 'The handlers of {{ $value }} shards have not returned for a minute.',
      description: 'Their worker lives, so it keeps the shards. `GET /fleet` shows whose lag grows.',
    },
    {
      alert: 'ShardsWait',
      expr: `sum(${series('consumer_shards_waiting')}) > 0`,
      forMs: 60_000,
      severity: 'critical',
      section: 'dependency',
      summary: '{{ $value }} shards wait for a dependency that is down.',
      description: 'Nothing is lost: what they could not do is tried again until it succeeds.',
    },
    {
      alert: 'CheckpointsLate',
      expr: `max(${series('consumer_checkpoint_age_seconds')}) > ${seconds(THRESHOLDS.stalledMs)}`,
      forMs: 60_000,
      severity: 'warning',
      section: 'dependency',
      summary: 'Work of a shard has been done for {{ $value | humanizeDuration }} and is not checkpointed.',
      description: 'Whoever takes the shard over does it again, without an effect but for the time.',
    },
    {
      alert: 'CheckpointsFail',
      expr: `sum(increase(${series('consumer_checkpoints_total', { result: 'failed' })}[5m])) > 0`,
      forMs: 300_000,
      severity: 'warning',
      section: 'dependency',
      summary: '{{ $value | humanize }} checkpoints of the last 5m could not be written.',
      description: 'Redis refuses them or does not answer.',
    },
    {
      alert: 'FlinkStalled',
      expr: [
        // Compared with what was so long ago, not over a window, which may know less than that.
        `sum by (feed_kind) (${counted}) == on (feed_kind) sum by (feed_kind) (${counted} offset ${STALLED})`,
        `and on (feed_kind) sum by (feed_kind) (min_over_time(${series('pipeline_backlog_rows', { stage: 'flink' })}[${STALLED}])) > 0`,
        `and on () ${consumersAreWell}`,
      ].join('\n'),
      severity: 'critical',
      section: 'stalled',
      summary: `The Flink job has counted no row of {{ $labels.feed_kind }} feeds for ${STALLED}, and rows wait for it.`,
      description: 'Its own page shows a job that restarts, a checkpoint that fails, or back-pressure.',
    },
    {
      alert: 'FlinkBehind',
      expr: `max(${series('pipeline_watermark_lag_seconds', { feed_kind: 'live' })}) > ${seconds(WATERMARK_BEHIND_MS)}`,
      forMs: 120_000,
      severity: 'warning',
      section: 'stalled',
      summary: 'Flink has counted the live feed up to {{ $value | humanizeDuration }} ago.',
      description: 'Windows close as late. It is behind stream 1, or a shard holds the watermark back.',
    },
    {
      alert: 'ProducerBehind',
      expr: `max(${series('producer_pace_lag_seconds', { feed_kind: 'live' })}) > ${seconds(THRESHOLDS.stalledMs)}`,
      forMs: 60_000,
      severity: 'warning',
      section: 'stalled',
      summary: 'The live feed is {{ $value | humanizeDuration }} behind its pace.',
      description: 'Stream 1 takes fewer rows than are wanted, or the source is read too slowly.',
    },
    {
      alert: 'PutsThrottled',
      expr: `sum by (stream) (increase(${series('producer_put_records_total', { result: 'throttled' })}[1m])) > 0`,
      forMs: 180_000,
      severity: 'warning',
      section: 'stalled',
      summary: 'The {{ $labels.stream }} stream refused {{ $value | humanize }} records in the last minute.',
      description: 'It needs more shards, or replays take too much. They are put again.',
    },
  ],
}
