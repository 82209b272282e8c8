import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { seconds } from './duration.ts'
import type { RuleGroup } from './rule.ts'
import { bucketOf, countOf, series } from './series.ts'

/** An event stream ends when its reader goes: how long that took says nothing. */
const ANSWERS = ['route!="/events"']

/** The resources of the processes, and how the api answers. */
export const processAlerts: RuleGroup = {
  name: 'roadpulse-processes',
  rules: [
    {
      alert: 'RedisMemoryHigh',
      expr: `max(${series('redis_memory_used_ratio')}) > ${THRESHOLDS.redisMemoryShare}`,
      forMs: 180_000,
      severity: 'warning',
      section: 'dependency',
      summary: 'Redis uses {{ $value | humanizePercentage }} of its memory.',
      description: 'Full, it refuses to write, and everything stands still. Fewer replays, or more memory.',
    },
    {
      alert: 'RedisFails',
      expr: `sum by (service) (increase(${series('redis_command_failures_total')}[1m])) > 0`,
      forMs: 120_000,
      severity: 'warning',
      section: 'dependency',
      summary:
        '{{ $labels.service }}: Redis refused {{ $value | humanize }} commands of the last minute, or did not answer them.',
      description: 'Each is tried again. Look at what its errors say in the log of the service.',
    },
    {
      alert: 'EventLoopBusy',
      expr: `max by (service, instance) (${series('nodejs_eventloop_utilization_ratio')}) > ${THRESHOLDS.busyShare}`,
      forMs: 300_000,
      severity: 'warning',
      section: 'unresponsive',
      summary:
        '{{ $labels.service }} at {{ $labels.instance }} is busy {{ $value | humanizePercentage }} of the time.',
      description: 'It has nothing left for a burst. More workers share the load.',
    },
    {
      alert: 'ApiFails',
      expr: `sum(increase(${countOf('http_request_duration_seconds', {}, ['status_code=~"5.."'])}[1m])) > ${THRESHOLDS.apiErrors}`,
      forMs: 60_000,
      severity: 'warning',
      section: 'failing',
      summary:
        'The api answered {{ $value | humanize }} requests of the last minute with an error of its own.',
      description: 'Its log has each of them with the id of the request.',
    },
    {
      alert: 'ApiSlow',
      expr: `histogram_quantile(0.95, sum by (le) (rate(${bucketOf('http_request_duration_seconds', {}, { where: ANSWERS })}[5m]))) > ${seconds(THRESHOLDS.apiSlowMs)}`,
      forMs: 300_000,
      severity: 'warning',
      section: 'unresponsive',
      summary: 'One answer of the api in twenty takes more than {{ $value | humanizeDuration }}.',
      description: 'It waits for Redis, or its event loop is busy.',
    },
  ],
}
