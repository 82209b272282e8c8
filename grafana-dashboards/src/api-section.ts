import {
  NoUnit,
  OpsPerSecond,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between, empty } from './expectation.ts'
import { gauge, increase, max, observations, quantile, rate, ratio, sum } from './query.ts'

const MANY = 1_000_000

export const apiSection: Section<PrometheusTarget> = {
  title: 'Api and watchdog',
  panels: [
    {
      look: 'lines',
      title: 'Requests',
      unit: RequestsPerSecond,
      shows: 'Requests a second by code of the answer; health is not counted.',
      normal: 'codes below 500.',
      otherwise: '503: Redis does not answer. 500: a fault of ours, which the log of the api has.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: '{{status_code}}',
          query: sum(observations('http_request_duration_seconds'), 'status_code'),
          expects: between(0, MANY, { labels: { status_code: ['200', '202', '204', '304', '404'] } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Time of a request, 95 of 100',
      unit: Seconds,
      shows:
        'Time from a request to the end of its answer, by the template of its route. A stream of events ends when its reader leaves.',
      normal: 'below 0.25 s.',
      otherwise: 'one route: what it reads. All: Redis, or the event loop of the api.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: '{{route}}',
          query: quantile(0.95, 'http_request_duration_seconds', { route: { not: '/events' } }, 'route'),
          expects: between(0, 5, { labels: { route: 'any' }, mayBeIdle: true }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Requests turned away',
      unit: RequestsPerSecond,
      shows:
        'Requests refused because their address had asked too often, or because the event loop was overloaded.',
      normal: 'nothing.',
      otherwise: 'rate_limited: a program that asks too often. Overloaded: one more api.',
      width: 8,
      targets: [
        {
          legend: '{{reason}}',
          query: sum(rate('http_requests_refused_total'), 'reason'),
          expects: empty('nobody asks too often'),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Pages that are open',
      unit: NoUnit,
      shows:
        'Open connections for live events, and those that were refused because there were as many as are allowed.',
      normal: 'as many as people look at the page.',
      otherwise: 'refused ones: allow more, or one more api.',
      width: 6,
      targets: [
        { legend: 'open', query: sum(gauge('event_stream_clients')), expects: between(0, 10_000) },
        {
          legend: 'of so many',
          query: sum(gauge('event_stream_clients_limit')),
          expects: between(1, 100_000),
        },
        {
          legend: 'refused',
          query: sum(increase('event_stream_refused_total')),
          expects: between(0, 0),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Age of what the page shows',
      unit: Seconds,
      shows: 'How old the newest picture is that an api has.',
      normal: 'below 2 s.',
      otherwise: 'it grows while Redis is away; the page says so itself.',
      runbook: 'dependency',
      limits: { warning: 5, critical: 30 },
      width: 6,
      targets: [{ legend: 'age', query: max(gauge('snapshot_age_seconds')), expects: between(0, 5) }],
    },
    {
      look: 'stat',
      title: 'Time to read it, 95 of 100',
      unit: Seconds,
      shows: 'How long an api takes to read all that the page shows.',
      normal: 'below 0.1 s.',
      otherwise: 'look at the commands of Redis above.',
      runbook: 'dependency',
      limits: { warning: 0.5 },
      width: 6,
      targets: [
        { legend: 'p95', query: quantile(0.95, 'snapshot_duration_seconds'), expects: between(0, 2) },
      ],
    },
    {
      look: 'stat',
      title: 'Oldest message that is not told',
      unit: Seconds,
      shows: 'For how long the oldest message waits that SNS has not taken.',
      normal: '0.',
      otherwise: 'nobody is told of incidents: the topic, its policy and its key.',
      runbook: 'dependency',
      limits: { warning: 30, critical: 300 },
      width: 6,
      targets: [{ legend: 'waits', query: max(gauge('alert_outbox_age_seconds')), expects: between(0, 30) }],
    },
    {
      look: 'lines',
      title: 'Passes of the watchdog',
      unit: OpsPerSecond,
      shows: 'Looks at the whole fleet a second, by result.',
      normal: '1 completed a second, of the api on watch.',
      otherwise: 'fewer: the api or Redis is slow. None: nobody watches, and CloudWatch tells of it.',
      runbook: 'stalled',
      width: 8,
      targets: [
        {
          legend: '{{result}}',
          query: sum(rate('watchdog_passes_total'), 'result'),
          expects: between(0, 2, { labels: { result: ['completed', 'failed'] } }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Messages',
      unit: Short,
      shows: 'Tries to tell people of an incident, and digests of severe accidents and surges, by result.',
      normal: 'published ones, when there is something to tell.',
      otherwise:
        'failed: SNS. Outdated: it took longer than ten minutes, and was not worth telling any more.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: 'incident {{result}}',
          query: sum(increase('alert_publications_total'), 'result'),
          expects: between(0, 1_000, { labels: { result: ['published', 'failed'] }, series: 0 }),
        },
        {
          legend: 'digest {{result}}',
          query: sum(increase('data_alerts_total'), 'result'),
          expects: between(0, 1_000, { labels: { result: ['published', 'failed', 'outdated'] }, series: 0 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Values that CloudWatch took, each call',
      unit: NoUnit,
      shows: 'How many values a call carries that CloudWatch accepted.',
      normal: 'the same over time.',
      otherwise: 'nothing while the watchdog passes: CloudWatch refuses, and the log of the api says why.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: 'values',
          query: ratio(
            sum(rate('cloudwatch_values_total')),
            sum(rate('cloudwatch_calls_total', { result: 'accepted' })),
          ),
          expects: between(1, 1_000),
        },
      ],
    },
  ],
}
