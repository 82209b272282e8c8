import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Dashboard, DataSource, GrafanaContent } from './push-grafana.ts'

const FOLDER = fileURLToPath(new URL('../../grafana-dashboards/', import.meta.url))
/** By this the role of the workspace is used, and no key. */
const BY_ROLE = 'workspace-iam-role'

/** The dashboards of the repository, and the data sources that they name by these uids. */
export function grafanaContent(
  options: { region: string; prometheusUrl: string | undefined; runbookUrl: string },
  folder = FOLDER,
): GrafanaContent {
  const { region, prometheusUrl, runbookUrl } = options
  const cloudWatch: DataSource = {
    uid: 'cloudwatch',
    name: 'CloudWatch',
    type: 'cloudwatch',
    access: 'proxy',
    jsonData: { authType: 'default', defaultRegion: region },
  }
  const prometheus: DataSource = {
    uid: 'prometheus',
    name: 'Prometheus',
    type: 'prometheus',
    access: 'proxy',
    url: prometheusUrl,
    jsonData: { httpMethod: 'POST', sigV4Auth: true, sigV4AuthType: BY_ROLE, sigV4Region: region },
  }
  return {
    dataSources: prometheusUrl === undefined ? [cloudWatch] : [cloudWatch, prometheus],
    folder: { uid: 'roadpulse', title: 'Roadpulse' },
    dashboards: dashboardFiles(folder).map((file) =>
      linkTo(runbookUrl, JSON.parse(readFileSync(file, 'utf8')) as Dashboard),
    ),
  }
}

/** The files link to the runbook of the demo, by a constant of theirs. */
function linkTo(runbookUrl: string, dashboard: Dashboard): Dashboard {
  const { templating } = dashboard as { templating?: { list: { name: string }[] } }
  if (templating === undefined) return dashboard
  const list = templating.list.map((variable) =>
    variable.name === 'runbook' ? { ...variable, query: runbookUrl } : variable,
  )
  return { ...dashboard, templating: { ...templating, list } }
}

export function dashboardFiles(folder = FOLDER): string[] {
  if (!existsSync(folder)) return []
  return globSync('*.json', { cwd: folder })
    .toSorted()
    .map((file) => `${folder}${file}`)
}
