import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { duration, seconds } from './duration.ts'
import type { RuleGroup } from './rule.ts'
import { series } from './series.ts'

const healthy = `sum by (kind) (${series('fleet_workers', { state: ['running', 'starting'] })})`
const silent = `sum by (kind) (${series('fleet_workers', { state: 'silent' })})`
const wanted = `max by (kind) (${series('fleet_workers_wanted')})`
/** Where nobody knows how many are wanted, one is: the watchdog takes it so too. */
const wantedOrOne = `(${wanted} or ${healthy} * 0 + 1)`
const hasConsumers = `sum(${series('fleet_workers', { kind: 'consumer', state: ['running', 'starting'] })}) > 0`
const passes = `sum(increase(${series('watchdog_passes_total', { result: 'completed' })}[1m]))`

/** Who lives and who watches: conditions of the watchdog, and that there is one. */
export const fleetAlerts: RuleGroup = {
  name: 'roadpulse-fleet',
  rules: [
    {
      alert: 'WorkerDown',
      expr: `${silent} > 0 and on (kind) ${healthy} < on (kind) ${wantedOrOne}`,
      severity: 'critical',
      section: 'down',
      summary: '{{ $labels.kind }}: {{ $value }} ended without a goodbye, and too few are left.',
      description:
        'It was killed, crashed, hangs as a whole, or cannot reach Redis. Others take its work over.',
    },
    {
      alert: 'WorkersKeepEnding',
      expr: `${silent} - on (kind) sum by (kind) (min_over_time(${series('fleet_workers', { state: 'silent' })}[${duration(THRESHOLDS.crashLoopMs)}])) >= ${THRESHOLDS.crashLoopDeaths}`,
      severity: 'critical',
      section: 'failing',
      summary: `{{ $labels.kind }}: {{ $value }} ended without a goodbye within ${duration(THRESHOLDS.crashLoopMs)}.`,
      description: 'What starts it anew does not help: look at what its log ends with.',
    },
    {
      alert: 'WorkersMissing',
      expr: `${healthy} < on (kind) ${wanted} and on (kind) ${healthy} > 0`,
      forMs: THRESHOLDS.underStrengthMs,
      severity: 'warning',
      section: 'under-strength',
      summary: '{{ $labels.kind }}: only {{ $value }} of those that are wanted run.',
      description: 'They were stopped, or do not come up. The others do their work.',
    },
    {
      alert: 'WorkersGone',
      expr: `${healthy} == 0 and on (kind) ${wanted} > 0`,
      forMs: THRESHOLDS.underStrengthMs,
      severity: 'critical',
      section: 'under-strength',
      summary: '{{ $labels.kind }}: none runs.',
      description: 'They were stopped, or do not come up, and nobody does their work.',
    },
    {
      alert: 'ShardsUnowned',
      expr: `max(${series('fleet_shards_unowned')}) > 0 and on () ${hasConsumers}`,
      forMs: THRESHOLDS.shardUnownedMs,
      severity: 'critical',
      section: 'shard-unowned',
      summary: '{{ $value }} shards of stream 2 have no owner: nobody reads what arrives there.',
      description: 'Consumers are there, and none takes them.',
    },
    {
      alert: 'CriticalIncidentOpen',
      expr: `max(${series('incidents_open', { severity: 'critical' })}) > 0`,
      severity: 'critical',
      section: 'down',
      summary: 'The watchdog has {{ $value }} critical incidents open.',
      description: '`GET /incidents?state=open` says which, with the section of the runbook for each.',
    },
    {
      alert: 'AlertsUntold',
      expr: `max(${series('alert_outbox_age_seconds')}) > ${seconds(THRESHOLDS.stalledMs)}`,
      severity: 'critical',
      section: 'dependency',
      summary: 'SNS has not taken a message about an incident for {{ $value | humanizeDuration }}.',
      description: 'People are not being told by the watchdog. What waits is sent when SNS is back.',
    },
    {
      alert: 'WatchdogSilent',
      expr: `absent(${series('watchdog_active')} == 1) or ${passes} < 1`,
      forMs: THRESHOLDS.watchdogSilentMs,
      severity: 'critical',
      section: 'down',
      summary: 'Nobody watches the fleet: the api, its watchdog or Redis is gone.',
      description: 'Until somebody does, no incident is told, and facts of the whole fleet are absent here.',
    },
    {
      alert: 'ProcessUnreachable',
      expr: 'up{job="roadpulse"} == 0',
      forMs: 60_000,
      severity: 'critical',
      section: 'down',
      summary: '{{ $labels.service }} at {{ $labels.instance }} cannot be scraped.',
      description: 'The process is gone, or does not answer on the port of its probes.',
    },
  ],
}
