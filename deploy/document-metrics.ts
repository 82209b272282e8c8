import { readFileSync, writeFileSync } from 'node:fs'
import { type CloudWatchSettings, monthlyCost } from '../api/cloudwatch/monthly-cost.ts'
import { boundOf, countSeries } from '../lib/process/metrics/count-series.ts'
import type { Definition, Group, LabelBound } from '../lib/process/metrics/definition.ts'
import { METRIC_GROUPS } from '../lib/process/metrics/metric-table.ts'
import { replaceTable } from './replace-between.ts'

const PAGE = new URL('../docs/metrics.md', import.meta.url)

/** The fleet of which the page says how many series it has: the workers of each kind, and one api on watch. */
const FLEET = { producer: 1, consumer: 2, api: 2, watch: 1 }

/** docs/metrics.md with its tables made anew from the table of metrics. */
export function renderMetricsPage(page: string): string {
  const tables = {
    series: renderSeries(),
    metrics: METRIC_GROUPS.map(renderGroup).join('\n'),
    cloudwatch: renderCosts(),
  }
  return Object.entries(tables).reduce((text, [name, table]) => replaceTable(text, name, table), page)
}

function renderSeries(): string {
  const rows = METRIC_GROUPS.map((group: Group) => {
    const processes = group.from.reduce((sum, kind) => sum + FLEET[kind], 0)
    const counts = Object.values(group.metrics).map(countSeries)
    return {
      title: group.title,
      processes,
      atOnce: processes * counts.reduce((sum, { atOnce }) => sum + atOnce, 0),
      aDay: processes * counts.reduce((sum, { aDay }) => sum + aDay, 0),
    }
  })
  const total = (key: 'atOnce' | 'aDay') => rows.reduce((sum, row) => sum + row[key], 0)
  return [
    '| group | processes | series at a time | series a day |',
    '|---|--:|--:|--:|',
    ...rows.map(
      ({ title, processes, atOnce, aDay }) =>
        `| ${title} | ${processes} | ${format(atOnce)} | ${format(aDay)} |`,
    ),
    `| **together** | | **${format(total('atOnce'))}** | **${format(total('aDay'))}** |`,
    '',
  ].join('\n')
}

function renderGroup({ title, from, metrics }: Group): string {
  const rows = Object.entries(metrics).map(([name, metric]) => {
    const { atOnce } = countSeries(metric)
    return `| \`${name}\` | ${metric.type} | ${metric.unit ?? ''} | ${renderLabels(metric)} | ${format(atOnce)} | ${metric.help}${renderBuckets(metric)} |`
  })
  return [
    `### ${title}`,
    '',
    `From: ${from.map((kind) => (kind === 'watch' ? 'the api on watch' : kind)).join(', ')}.`,
    '',
    '| metric | type | unit | labels | series | what it is |',
    '|---|---|---|---|--:|---|',
    ...rows,
    '',
  ].join('\n')
}

const SETTINGS: CloudWatchSettings[] = [
  { intervalSeconds: 60, accidents: 'none', topPlaces: 0 },
  { intervalSeconds: 60, accidents: 'severity', topPlaces: 0 },
  { intervalSeconds: 60, accidents: 'state', topPlaces: 0 },
  { intervalSeconds: 10, accidents: 'state', topPlaces: 0 },
  { intervalSeconds: 60, accidents: 'state', topPlaces: 10 },
]

function renderCosts(): string {
  const rows = SETTINGS.map((settings) => {
    const { series, calls, usd } = monthlyCost(settings)
    return `| ${settings.accidents} | ${settings.intervalSeconds} s | ${settings.topPlaces} | ${series} | ${format(calls)} | ${usd.toFixed(2)} |`
  })
  return [
    '| `CLOUDWATCH_ACCIDENTS` | every | places | metrics | calls a month | $ a month |',
    '|---|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ].join('\n')
}

function renderLabels({ labels }: Definition): string {
  return Object.entries(labels)
    .map(([label, bound]) => `\`${label}\`: ${renderBound(bound)}`)
    .join('; ')
}

function renderBound(bound: LabelBound): string {
  return 'atMost' in bound ? `${bound.what} (at most ${boundOf(bound)})` : bound.join(', ')
}

function renderBuckets({ buckets }: Definition): string {
  return buckets === undefined ? '' : `. Buckets: ${buckets.join(', ')}`
}

const format = (count: number) => count.toLocaleString('en-US')

if (import.meta.main) writeFileSync(PAGE, renderMetricsPage(readFileSync(PAGE, 'utf8')))
