import { writeFileSync } from 'node:fs'
import { CLOUDWATCH_DASHBOARDS, DASHBOARDS } from './dashboards.ts'
import { renderDashboard } from './render-dashboard.ts'

/** The text of each file of `grafana-dashboards/`, by its name. */
export function renderDashboards(): ReadonlyMap<string, string> {
  return new Map([
    ...DASHBOARDS.map(
      (dashboard) => [`${dashboard.name}.json`, renderDashboard(dashboard, 'prometheus')] as const,
    ),
    ...CLOUDWATCH_DASHBOARDS.map(
      (dashboard) => [`${dashboard.name}.json`, renderDashboard(dashboard, 'cloudwatch')] as const,
    ),
  ])
}

if (import.meta.main)
  for (const [name, text] of renderDashboards()) writeFileSync(new URL(`../${name}`, import.meta.url), text)
