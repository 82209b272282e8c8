import { readFileSync } from 'node:fs'
import t from 'tap'
import { WORKER_KINDS } from '../../../../api/watchdog/observation.ts'
import { EVENT_TYPES } from '../../../../lib/events/envelope.ts'
import { FEED_STATES } from '../../../../lib/feeds/feed.ts'
import { countSeries } from '../../../../lib/process/metrics/count-series.ts'
import type { Definition } from '../../../../lib/process/metrics/definition.ts'
import { METRIC_GROUPS, METRICS } from '../../../../lib/process/metrics/metric-table.ts'
import { importedFiles } from '../../../support/imported-files.ts'

const table = Object.entries(METRICS) as [string, Definition][]

t.test('a name says neither what is counted nor in what unit', async (t) => {
  for (const [name, { type, unit, labels }] of table) {
    t.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, name)
    t.equal(name.endsWith('_total'), type === 'counter', `${name}: _total is for counters`)
    const [, suffix] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(name) ?? []
    t.equal(unit, suffix, `${name}: its unit`)
    t.notMatch(name, /_(ms|milliseconds|minutes|hours|kb|mb|percent)(_|$)/, `${name}: base units only`)
    for (const label of Object.keys(labels)) t.notMatch(name, `_by_${label}`, name)
  }
})

t.test('a label has no bound, or a value that could be anything', async (t) => {
  for (const [name, { labels }] of table) {
    for (const [label, bound] of Object.entries(labels)) {
      t.notMatch(
        label,
        /^(feed|worker|job|id|key|record|request|url|message|reason_text)$/,
        `${name}: ${label}`,
      )
      if (!('atMost' in bound)) t.equal(new Set(bound).size, bound.length, `${name}: ${label}`)
    }
    t.ok(countSeries(METRICS[name as keyof typeof METRICS]).atOnce <= 2_000, `${name}: too many series`)
  }
})

t.test('a group leaves out a metric, or two groups have the same one', async (t) => {
  const names = METRIC_GROUPS.flatMap(({ metrics }) => Object.keys(metrics))
  t.strictSame(names.toSorted(), Object.keys(METRICS).toSorted())
})

t.test('a histogram has no buckets, or buckets that do not rise', async (t) => {
  for (const [name, { type, buckets = [] }] of table) {
    t.equal(type === 'histogram', buckets.length > 0, name)
    t.strictSame(
      [...buckets],
      buckets.toSorted((a, b) => a - b),
      name,
    )
  }
})

t.test('what the table allows for a label is not what there is', async (t) => {
  t.strictSame([...METRICS.feeds.labels.state], [...FEED_STATES])
  t.strictSame([...METRICS.fleet_workers.labels.kind], [...WORKER_KINDS])
  const types = METRICS.consumer_records_total.labels.type
  t.strictSame(types.toSorted(), [...EVENT_TYPES, 'unknown'].toSorted())
})

t.test('a metric is described that no process measures', async (t) => {
  const mains = ['api/main.ts', 'workers/consumer/main.ts', 'workers/producer/main.ts']
  const files = new Map(mains.flatMap((main) => [...importedFiles(main)]))
  const code = [...files].filter(([path]) => !path.includes('metrics/table/')).map(([, text]) => text)
  for (const name of Object.keys(METRICS)) {
    t.ok(
      code.some((text) => new RegExp(`(counter|gauge|histogram)\\(\\s*'${name}'`).test(text)),
      name,
    )
  }
})

t.test('the kinds of series of the page are not those of the table', async (t) => {
  const page = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')
  for (const [name] of table) t.match(page, `\`${name}\``, name)
})
