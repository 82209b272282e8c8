import { readFileSync, writeFileSync } from 'node:fs'
import { burnRates } from '../grafana-dashboards/src/alerts/burn-rates.ts'
import { renderRules } from '../grafana-dashboards/src/alerts/render-rules.ts'
import { replaceBetween } from './replace-between.ts'

const TEMPLATE = new URL('cloudformation/observability.yaml', import.meta.url)
const PLACE = {
  begin: '      # rules: written by `npm run alerts`\n',
  end: '      # /rules\n',
  what: 'the rules',
}
const INDENT = ' '.repeat(8)

/**
 * The template with the rules of Managed Prometheus made anew. It takes the burn rates only: causes are told by the
 * watchdog and by alarms, and once is enough.
 */
export function renderAlertRules(template: string): string {
  const rules = renderRules('${RunbookUrl}', [burnRates]).replaceAll(/^(?=.)/gm, INDENT)
  return replaceBetween(template, PLACE, `      Data: !Sub |\n${rules}`)
}

if (import.meta.main) writeFileSync(TEMPLATE, renderAlertRules(readFileSync(TEMPLATE, 'utf8')))
