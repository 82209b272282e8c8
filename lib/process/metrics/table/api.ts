import { LATENCY_SECONDS } from '../buckets.ts'
import type { Group } from '../definition.ts'

export const apiMetrics = {
  title: 'Api',
  from: ['api'],
  metrics: {
    http_request_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'time from a request to the end of its answer, by the template of its route; health is not counted',
      labels: {
        method: { atMost: 10, what: 'methods' },
        route: { atMost: 40, what: 'templates of routes, and `none`' },
        status_code: { atMost: 20, what: 'codes that the api answers with' },
      },
      buckets: LATENCY_SECONDS,
      series: { atOnce: 120, aDay: 120 },
    },
    http_requests_refused_total: {
      type: 'counter',
      help: 'requests turned away: their address had asked too often, or the event loop was overloaded',
      labels: { reason: ['rate_limited', 'overloaded'] },
    },
    event_stream_clients: { type: 'gauge', help: 'open connections to /events', labels: {} },
    event_stream_clients_limit: {
      type: 'gauge',
      help: 'connections to /events that are allowed at a time',
      labels: {},
    },
    event_stream_refused_total: {
      type: 'counter',
      help: 'connections to /events refused because there were as many as are allowed',
      labels: {},
    },
    snapshot_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'time to read everything that the page shows',
      labels: {},
      buckets: LATENCY_SECONDS,
    },
    snapshot_age_seconds: {
      type: 'gauge',
      unit: 'seconds',
      help: 'age of what the page shows; it grows while Redis is away',
      labels: {},
    },
    watchdog_passes_total: {
      type: 'counter',
      help: 'looks at the whole fleet, by result; only the api on watch makes them',
      labels: { result: ['completed', 'failed'] },
    },
    watchdog_active: { type: 'gauge', help: '1 while this api is the one on watch', labels: {} },
    alert_publications_total: {
      type: 'counter',
      help: 'tries to tell people of an incident, by result',
      labels: { result: ['published', 'failed'] },
    },
    data_alerts_total: {
      type: 'counter',
      help: 'digests of severe accidents and surges, by result',
      labels: { result: ['published', 'failed', 'outdated'] },
    },
    cloudwatch_calls_total: {
      type: 'counter',
      help: 'calls that put metrics into CloudWatch, each try counted',
      labels: { result: ['accepted', 'failed'] },
    },
    cloudwatch_values_total: {
      type: 'counter',
      help: 'values that CloudWatch has taken',
      labels: {},
    },
  },
} as const satisfies Group
