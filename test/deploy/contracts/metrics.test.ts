import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { fleetValues } from '../../../api/cloudwatch/fleet-values.ts'
import { NAMESPACE, OWN_METRICS, type OwnMetric } from '../../../api/cloudwatch/own-metrics.ts'
import { INCIDENT_KINDS } from '../../../api/watchdog/incident.ts'
import { KNOWN_METRICS, metricsOfAlarm } from '../../../deploy/checks/metric-rules.ts'
import { CLOUDWATCH_DASHBOARDS } from '../../../grafana-dashboards/src/dashboards.ts'
import { allLayers, VARIANTS } from '../../support/layers.ts'

const layers = Object.values(allLayers({ ...VARIANTS['frugal with all there is'], Size: 'production' }))
const alarms = layers
  .flatMap(({ resources }) => Object.values(resources))
  .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')

t.test('an alarm or the dashboard asks for a metric of ours that nobody publishes', (t) => {
  for (const [name, sets] of Object.entries(KNOWN_METRICS.Roadpulse ?? {})) {
    t.strictSame(OWN_METRICS[name as OwnMetric], sets, name)
  }
  // What is only published when it is asked for is on no dashboard.
  const asked = Object.keys(KNOWN_METRICS.Roadpulse ?? {})
  t.strictSame([...asked, 'AccidentsLastHour'].toSorted(), Object.keys(OWN_METRICS).toSorted())
  const values = fleetValues({ workers: [] }, [], { now: 0, errorAgeMs: 0 })
  for (const alarm of alarms) {
    for (const { namespace, name, dimensions } of metricsOfAlarm(alarm.Properties)) {
      if (namespace !== NAMESPACE || name === 'WatchdogPasses') continue
      const published = values.filter(({ MetricName }) => MetricName === name)
      t.ok(published.length > 0, name)
      t.strictSame(dimensions, ['Service'], name)
    }
  }
  t.end()
})

t.test('the heartbeat alarm takes silence for a sign of life', (t) => {
  const silent = alarms.filter(({ Properties }) => Properties.MetricName === 'WatchdogPasses')
  t.match(
    silent.map(({ Properties }) => Properties),
    [{ Namespace: NAMESPACE, TreatMissingData: 'breaching', Dimensions: undefined }],
  )
  t.end()
})

t.test('a metric is listed that no alarm and no dashboard asks for', (t) => {
  const grafana = CLOUDWATCH_DASHBOARDS.flatMap(({ panels }) => panels)
  const text = JSON.stringify([grafana, layers.map(({ resources }) => resources)])
  for (const metrics of Object.values(KNOWN_METRICS))
    for (const name of Object.keys(metrics)) t.match(text, name, name)
  t.ok(alarms.every(({ Properties }) => metricsOfAlarm(Properties).length > 0))
  t.end()
})

t.test('an alarm names a section that the runbook does not have', (t) => {
  const runbook = new URL('../../../docs/runbook.md', import.meta.url)
  if (existsSync(runbook)) {
    const sections = readFileSync(runbook, 'utf8')
    for (const kind of INCIDENT_KINDS) t.match(sections, new RegExp(`^## ${kind}\\s*$`, 'm'), kind)
  }
  const named = alarms.map(
    ({ Properties }) => /#([a-z-]+)$/.exec(JSON.stringify(Properties.AlarmDescription).slice(0, -1))?.[1],
  )
  t.strictSame(
    named.filter((kind) => !INCIDENT_KINDS.some((known) => known === kind)),
    [],
  )
  t.end()
})
