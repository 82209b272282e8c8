import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { renderAlertRules } from '../../deploy/document-alert-rules.ts'
import { parseTemplate } from '../../deploy/templates/template.ts'
import { burnRates } from '../../grafana-dashboards/src/alerts/burn-rates.ts'
import { RULE_GROUPS, RULES_FILE, renderRules } from '../../grafana-dashboards/src/alerts/render-rules.ts'
import { isAlert } from '../../grafana-dashboards/src/alerts/rule.ts'
import { bucketOf, countOf, series } from '../../grafana-dashboards/src/alerts/series.ts'
import { METRICS } from '../../lib/process/metrics/metric-table.ts'

const TEMPLATE = new URL('../../deploy/cloudformation/observability.yaml', import.meta.url)
const rules = RULE_GROUPS.flatMap((group) => group.rules)
const alerts = rules.filter(isAlert)

t.test('the rules that are committed are not those of the sources', (t) => {
  t.equal(readFileSync(RULES_FILE, 'utf8'), renderRules('docs/runbook.md'), 'run `npm run alerts`')
  const template = readFileSync(TEMPLATE, 'utf8')
  t.equal(template, renderAlertRules(template), 'in the template: run `npm run alerts`')
  t.end()
})

t.test('an alert links to a section that the runbook does not have, or says too little', (t) => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
  for (const { alert, section, summary, description } of alerts) {
    t.match(runbook, new RegExp(`^## ${section}$`, 'm'), `${alert}: #${section}`)
    for (const text of [summary, description]) t.match(text, /^\S.{20,}\.$/s, `${alert}: ${text}`)
  }
  t.end()
})

t.test('two alerts have one name, and one hides the other', (t) => {
  const names = rules.map((rule) => (isAlert(rule) ? rule.alert : rule.record))
  t.strictSame(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  )
  t.end()
})

t.test('a text shows a label that the expression of its alert has summed away', (t) => {
  for (const { alert, expr, summary } of alerts) {
    for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/g)) {
      const isKept = new RegExp(`^(sum|max) by \\([^)]*\\b${label}\\b`).test(expr) || expr.startsWith('up{')
      t.ok(isKept, `${alert}: ${label}`)
    }
  }
  t.end()
})

t.test('a rule asks for a metric or a recorded series that nobody has', (t) => {
  const recorded = new Set(rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])))
  for (const { expr } of rules) {
    for (const [name] of expr.matchAll(/\broadpulse:\w+:\w+/g)) t.ok(recorded.has(name), name)
    for (const [, name = ''] of expr.matchAll(/\b([a-z]\w+?)(?:_bucket|_count)?(?=[{[])/g)) {
      t.ok(name in METRICS || name === 'up' || name.startsWith('flink_'), name)
    }
  }
  t.end()
})

t.test('a selector takes another bound than its histogram has, or misses it in a newer Prometheus', (t) => {
  t.equal(series('fleet_shards'), 'fleet_shards')
  t.equal(
    series('fleet_workers', { kind: 'consumer', state: ['running', 'starting'] }),
    'fleet_workers{kind="consumer",state=~"running|starting"}',
  )
  t.equal(countOf('snapshot_duration_seconds', {}, ['a!="b"']), 'snapshot_duration_seconds_count{a!="b"}')
  t.equal(bucketOf('freshness_seconds', {}, { le: 1.5 }), 'freshness_seconds_bucket{le="1.5"}')
  t.equal(bucketOf('freshness_seconds', {}, { le: 2 }), 'freshness_seconds_bucket{le=~"2(\\\\.0)?"}')
  t.throws(() => bucketOf('freshness_seconds', {}, { le: 4 }), /no bucket that ends at 4/)
  t.end()
})

t.test('the rules in the template are not what Prometheus reads, or link to nowhere', (t) => {
  const { AlertRules } = parseTemplate(readFileSync(TEMPLATE, 'utf8')).Resources
  const data = AlertRules?.Properties?.['Data'] as { 'Fn::Sub': string } | undefined
  const text = data?.['Fn::Sub'] ?? ''
  t.strictSame(parse(text), parse(renderRules('${RunbookUrl}', [burnRates])))
  t.strictSame([...new Set(text.match(/\$\{.*?\}/g))], ['${RunbookUrl}'], 'all that CloudFormation fills in')
  t.end()
})
