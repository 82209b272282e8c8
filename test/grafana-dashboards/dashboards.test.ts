import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { findUnknown } from '../../deploy/checks/metric-rules.ts'
import type { CloudWatchTarget } from '../../grafana-dashboards/src/dashboard.ts'
import { CLOUDWATCH_DASHBOARDS, DASHBOARDS } from '../../grafana-dashboards/src/dashboards.ts'
import { renderDashboards } from '../../grafana-dashboards/src/write-dashboards.ts'
import type { GrafanaDashboard } from '../support/grafana-model.ts'
import { allLayers, VARIANTS } from '../support/layers.ts'
import { findPanelFaults } from '../support/panel-rules.ts'

const FOLDER = 'grafana-dashboards'
const generated = renderDashboards()

const modelOf = (text: string) => JSON.parse(text) as GrafanaDashboard

t.test('a committed dashboard is not the one that its source makes: run `npm run dashboards`', (t) => {
  const committed = globSync(`${FOLDER}/*.json`).map((file) => basename(file))
  t.strictSame(committed.toSorted(), [...generated.keys()].toSorted())
  for (const [name, text] of generated) t.equal(readFileSync(`${FOLDER}/${name}`, 'utf8'), text, name)
  t.end()
})

t.test('a panel lacks its unit, what is normal, its data source, or asks what cannot be answered', (t) => {
  for (const [name, text] of generated) t.strictSame(findPanelFaults(modelOf(text)), [], name)
  t.end()
})

t.test('a fault in a panel is not seen', (t) => {
  const whole = generated.get('pipeline.json') ?? ''
  const broken: [string | RegExp, string, RegExp][] = [
    ['"editable": false', '"editable": true', /can be edited/],
    ['"id": null', '"id": 7', /another Grafana/],
    ['"uid": "roadpulse-pipeline"', '"uid": "x1"', /its address is x1/],
    ['"refresh": "30s"', '"refresh": "5s"', /twice a minute/],
    [
      /"type": "datasource",\s+"name": "datasource"/,
      '"type": "textbox", "name": "datasource"',
      /cannot be chosen/,
    ],
    ['"url": "${runbook}"', '"url": "/runbook"', /lead to the runbook/],
    ['"type": "dashboards"', '"type": "link"', /other dashboards/],
    ['"includeVars": false', '"includeVars": true', /another kind/],
    ['"unit": "s"', '"unit": ""', /no unit/],
    ['**Normal:**', 'Fine:', /what is normal/],
    [
      /(?<=\*\*Otherwise[^\n]+\n\s+"datasource": \{\s+"type": "prometheus",\s+"uid": )"\$datasource"/,
      '"prometheus"',
      /not the one that was chosen/,
    ],
    [/(?<="targets": [^]*?"uid": )"\$datasource"/, '"prometheus"', /another data source/],
    ['[$__rate_interval]', '[5m]', /is not \$__rate_interval/],
    ['feed_kind=~\\"$feed_kind\\"', 'feed_kind=~\\"$feed\\"', /no variable feed/],
    ['feed_kind=~\\"$feed_kind\\"', 'feed=~\\"$feed_kind\\"', /has no label feed/],
    ['sum(rate(producer_rows_total', 'sum(rate(producer_lines_total', /no metric producer_lines_total/],
    ['environment=~\\"$environment\\", ', '', /not of one environment/],
    ['"title": "Backlog of each stage"', '"title": "Dead letters"', /two panels are named/],
    [/"h": 8,\s+"w": 12,\s+"x": 12/, '"h": 8, "w": 12, "x": 6', /lies upon/],
    [/"h": 8,\s+"w": 12,\s+"x": 12/, '"h": 8, "w": 13, "x": 12', /last column/],
  ]
  for (const [from, to, fault] of broken) {
    const text = whole.replace(from, () => to)
    t.ok(text !== whole, `${from} is there`)
    t.match(findPanelFaults(modelOf(text)).join('\n'), fault)
  }
  t.end()
})

t.test('a panel asks CloudWatch for a metric that does not exist, or not under these names', (t) => {
  const targets = CLOUDWATCH_DASHBOARDS.flatMap(({ panels }) => panels).flatMap(({ targets }) => [...targets])
  const metricOf = ({ namespace, metric, dimensions }: CloudWatchTarget) => ({
    namespace,
    name: metric,
    dimensions: Object.keys(dimensions),
  })
  t.ok(targets.length > 0)
  t.strictSame(
    targets.flatMap((target) => findUnknown(metricOf(target))),
    [],
  )

  const names = new Set(
    Object.values(allLayers({ ...VARIANTS['frugal with all there is'], Size: 'production' }))
      .flatMap(({ resources }) => Object.values(resources))
      .flatMap(({ Properties }) => Object.values(Properties)),
  )
  const ofOurs = targets.flatMap(({ dimensions }) =>
    Object.values(dimensions).filter((value) => value.startsWith('$')),
  )
  for (const name of new Set(ofOurs)) {
    const real = name.replace('$environment', 'roadpulse').replace(/-001$/, '')
    t.ok(names.has(real), `a resource is named ${real}`)
  }
  t.end()
})

t.test('a description leads to a section that the runbook does not have', (t) => {
  const runbook = readFileSync('docs/runbook.md', 'utf8')
  const sections = new Set(runbook.match(/(?<=^## )[a-z-]+$/gm))
  const panels = [...DASHBOARDS, ...CLOUDWATCH_DASHBOARDS].flatMap(({ panels }) => [...panels])
  const named = new Set(panels.flatMap(({ runbook = [] }) => runbook))
  t.strictSame(
    [...named].filter((section) => !sections.has(section)),
    [],
  )
  t.end()
})

t.test(
  'Grafana is given no data source of the name that a dashboard begins with, or not these files',
  (t) => {
    const read = (file: string) =>
      parse(readFileSync(`${FOLDER}/provisioning/${file}/roadpulse.yaml`, 'utf8'))
    const { datasources } = read('datasources') as {
      datasources: { uid: string; type: string; editable: boolean }[]
    }
    for (const text of generated.values()) {
      const chosen = modelOf(text).templating?.list?.find(({ name }) => name === 'datasource')
      const source = datasources.find(({ uid }) => uid === chosen?.current?.value)
      t.match(source, { type: chosen?.query, editable: false })
    }
    t.match(read('dashboards'), { providers: [{ type: 'file', allowUiUpdates: false }] })
    t.end()
  },
)
