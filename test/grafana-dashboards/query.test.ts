import t from 'tap'
import { DASHBOARDS } from '../../grafana-dashboards/src/dashboards.ts'
import { fillVariables } from '../../grafana-dashboards/src/fill-variables.ts'
import { FLINK_METRICS } from '../../grafana-dashboards/src/flink-metrics.ts'
import { NODE_METRICS } from '../../grafana-dashboards/src/node-metrics.ts'
import {
  age,
  gauge,
  largest,
  max,
  ofService,
  quantile,
  rate,
  ratio,
  sum,
} from '../../grafana-dashboards/src/query.ts'
import { METRICS } from '../../lib/process/metrics/metric-table.ts'
import { createMetrics } from '../../lib/process/metrics/metrics.ts'
import { findQueryFaults } from '../support/query-rules.ts'

/** Never called: each line is a fault that the compiler finds, and it would tell if it did not. */
export function faultsThatDoNotCompile() {
  // @ts-expect-error there is no such metric
  gauge('consumer_lag_minutes')
  // @ts-expect-error a gauge has no rate
  rate('consumer_lag_seconds')
  // @ts-expect-error a counter is no value by itself
  gauge('consumer_batches_total')
  // @ts-expect-error only a histogram has quantiles
  quantile(0.95, 'consumer_lag_seconds')
  // @ts-expect-error it has no such label
  rate('consumer_batches_total', { outcome: 'handled' })
  // @ts-expect-error its label has no such value
  rate('consumer_batches_total', { result: 'done' })
  // @ts-expect-error it has no such label to sum by
  sum(rate('consumer_batches_total'), 'shard')
  // @ts-expect-error what was summed away is not there any more
  max(sum(rate('consumer_batches_total')), 'result')
  // @ts-expect-error ages have no sum
  sum(gauge('consumer_lag_seconds'))
  // @ts-expect-error quantiles of several series have no sum either
  sum(quantile(0.95, 'freshness_seconds', {}, 'feed_kind'))
}

t.test('a query is not what its parts say', (t) => {
  const cases: [string, string][] = [
    [
      sum(rate('dead_letters_total', { origin: { not: 'handler' } }), 'origin'),
      'sum by (origin) (rate(dead_letters_total{environment=~"$environment", origin!="handler"}[$__rate_interval]))',
    ],
    [
      max(gauge('pipeline_watermark_lag_seconds', { feed_kind: '$feed_kind' })),
      'max(pipeline_watermark_lag_seconds{environment=~"$environment", feed_kind=~"$feed_kind"})',
    ],
    [
      quantile(0.9, 'hop_duration_seconds', { hop: ['flink', 'consumer'] }, 'hop'),
      'histogram_quantile(0.9, sum by (le, hop) (rate(hop_duration_seconds_bucket{environment=~"$environment", hop=~"flink|consumer"}[$__rate_interval])))',
    ],
    [
      age(max(gauge('roads_minute_timestamp_seconds'))),
      'time() - max(roads_minute_timestamp_seconds{environment=~"$environment"})',
    ],
    [
      largest(3, sum(gauge('roads_accidents'), 'state')),
      'topk(3, sum by (state) (roads_accidents{environment=~"$environment"}))',
    ],
    [
      ratio(sum(gauge('producer_buffered_bytes')), sum(gauge('producer_buffer_limit_bytes'))),
      'sum(producer_buffered_bytes{environment=~"$environment"}) / sum(producer_buffer_limit_bytes{environment=~"$environment"})',
    ],
    [
      sum(gauge('consumer_shards_owned')),
      'sum(consumer_shards_owned{environment=~"$environment"} and on (environment, instance) build_info{environment=~"$environment", service="consumer"})',
    ],
    [
      max(ofService(gauge('process_open_fds')), 'service'),
      'max by (service) (process_open_fds{environment=~"$environment"} * on (environment, instance) group_left (service, version) build_info{environment=~"$environment"})',
    ],
  ]
  for (const [query, text] of cases) t.equal(query, text)
  t.end()
})

t.test('a query that was written by hand has a fault that is not seen', (t) => {
  const cases = [
    ['lag_seconds{environment=~"$environment"}', /no metric lag_seconds/],
    ['consumer_lag_seconds{environment=~"$environment", stream="raw"}', /no label stream/],
    ['consumer_lag_seconds{shard="a"}', /not of one environment/],
    ['rate(consumer_lag_seconds{environment=~"$environment"}[$__rate_interval])', /has no rate/],
    [
      'avg_over_time(consumer_lag_seconds{environment=~"$environment"}[$__rate_interval])',
      /no value of a gauge/,
    ],
    ['sum(rate(consumer_batches_total{environment=~"$environment"}[1m]))', /not \$__rate_interval/],
    ['sum(consumer_batches_total{environment=~"$environment"})', /wants a rate/],
    ['sum by (shard) (consumer_lag_seconds{environment=~"$environment"})', /ages have no sum/],
    [
      'sum by (feed_kind) (rate(freshness_seconds_bucket{environment=~"$environment"}[$__rate_interval]))',
      /without le/,
    ],
  ] as const
  for (const [query, fault] of cases) t.match(findQueryFaults(query).join(), fault)
  t.end()
})

t.test('a variable is left in a query that Prometheus gets, or a wrong value stands in its place', (t) => {
  const query = 'rate(a{b=~"$b", c=~"$c"}[$__rate_interval])'
  t.equal(
    fillVariables(query, { b: '.*', c: 'x$1', __rate_interval: '1m' }),
    'rate(a{b=~".*", c=~"x$1"}[1m])',
  )
  t.throws(() => fillVariables(query, { b: '.*' }), /no value for \$c/)
  t.end()
})

t.test('a panel shows what prom-client does not collect', async (t) => {
  const text = await createMetrics('test', '0').render()
  for (const [name, { type }] of Object.entries(NODE_METRICS)) t.match(text, `# TYPE ${name} ${type}\n`, name)
})

t.test('a process measures what no panel shows', (t) => {
  const text = DASHBOARDS.flatMap(({ panels }) =>
    panels.flatMap(({ targets }) => targets.map(({ query }) => query)),
  )
  const shown = (name: string) =>
    text.some((query) => new RegExp(`\\b${name}(_bucket|_count)?\\{`).test(query))
  t.strictSame(
    Object.keys({ ...METRICS, ...NODE_METRICS, ...FLINK_METRICS }).filter((name) => !shown(name)),
    [],
  )
  t.end()
})
