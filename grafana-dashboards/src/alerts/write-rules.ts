import { readFileSync, writeFileSync } from 'node:fs'
import { burnRates } from './burn-rates.ts'
import { renderRules } from './render-rules.ts'

/** A file that holds rules, and what it has to be. */
export type RulesFile = { url: URL; render: (current: string) => string }

const BEGIN = '      # rules: written by `npm run alerts`\n'
const END = '      # /rules\n'
const INDENT = ' '.repeat(8)

export const RULES_FILES: readonly RulesFile[] = [
  {
    url: new URL('../../alerts/roadpulse.yaml', import.meta.url),
    render: () => renderRules('docs/runbook.md'),
  },
  {
    // Managed Prometheus takes the burn rates only: causes are told by the watchdog and by alarms, and once is enough.
    url: new URL('../../../deploy/cloudformation/observability.yaml', import.meta.url),
    render: (template) => {
      const begin = template.indexOf(BEGIN)
      const end = template.indexOf(END)
      if (begin < 0 || end < begin) throw new Error(`the template has no "${BEGIN}" followed by "${END}"`)
      const rules = renderRules('${RunbookUrl}', [burnRates]).replaceAll(/^(?=.)/gm, INDENT)
      return `${template.slice(0, begin)}${BEGIN}      Data: !Sub |\n${rules}${template.slice(end)}`
    },
  },
]

if (import.meta.main) {
  for (const { url, render } of RULES_FILES) writeFileSync(url, render(readFileSync(url, 'utf8')))
}
