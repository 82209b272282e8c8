import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { burnRates } from './burn-rates.ts'
import { duration } from './duration.ts'
import { fleetAlerts } from './fleet-alerts.ts'
import { flinkAlerts } from './flink-alerts.ts'
import { pipelineAlerts } from './pipeline-alerts.ts'
import { processAlerts } from './process-alerts.ts'
import { type Alert, isAlert, type Recording, type RuleGroup } from './rule.ts'

export const RULES_FILE = new URL('../../alerts/roadpulse.yaml', import.meta.url)
const HEADER = '# Written by `npm run alerts` from grafana-dashboards/src/alerts/.\n'

export const RULE_GROUPS: readonly RuleGroup[] = [
  burnRates,
  fleetAlerts,
  pipelineAlerts,
  processAlerts,
  flinkAlerts,
]

/** The rules as Prometheus reads them. `runbook`: where that is, for the links. */
export function renderRules(runbook: string, groups: readonly RuleGroup[] = RULE_GROUPS): string {
  const rendered = groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => (isAlert(rule) ? renderAlert(rule, runbook) : renderRecording(rule))),
  }))
  return HEADER + stringify({ groups: rendered }, { lineWidth: 0 })
}

function renderAlert(
  { alert, expr, forMs, severity, section, summary, description }: Alert,
  runbook: string,
) {
  return {
    alert,
    expr,
    ...(forMs === undefined ? {} : { for: duration(forMs) }),
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbook}#${section}` },
  }
}

const renderRecording = ({ record, expr }: Recording) => ({ record, expr })

if (import.meta.main) writeFileSync(RULES_FILE, renderRules('docs/runbook.md'))
