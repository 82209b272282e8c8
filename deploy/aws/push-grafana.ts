import { isDeepStrictEqual } from 'node:util'
import type { GrafanaApi } from './grafana-api.ts'

export type DataSource = { uid: string; name: string; type: string } & Record<string, unknown>
export type Dashboard = { uid: string; title: string } & Record<string, unknown>

export type GrafanaContent = {
  dataSources: readonly DataSource[]
  folder: { uid: string; title: string }
  dashboards: readonly Dashboard[]
}

/** Makes Grafana show what the repository says, and sends only what differs. Tells by name what that was. */
export async function pushGrafana(api: GrafanaApi, content: GrafanaContent): Promise<string[]> {
  const changed: string[] = []
  for (const source of content.dataSources) {
    if (await pushDataSource(api, source)) changed.push(source.name)
  }
  const { folder } = content
  if ((await api.get(`/api/folders/${folder.uid}`)) === undefined) {
    await api.send('POST', '/api/folders', folder)
    changed.push(folder.title)
  }
  for (const dashboard of content.dashboards) {
    if (await pushDashboard(api, dashboard, folder.uid)) changed.push(dashboard.title)
  }
  return changed
}

async function pushDataSource(api: GrafanaApi, source: DataSource): Promise<boolean> {
  const path = `/api/datasources/uid/${source.uid}`
  const current = (await api.get(path)) as Record<string, unknown> | undefined
  if (current === undefined) await api.send('POST', '/api/datasources', source)
  // Grafana adds fields of its own.
  else if (Object.entries(source).every(([name, value]) => isDeepStrictEqual(current[name], value)))
    return false
  else await api.send('PUT', path, source)
  return true
}

async function pushDashboard(api: GrafanaApi, dashboard: Dashboard, folderUid: string): Promise<boolean> {
  const current = (await api.get(`/api/dashboards/uid/${dashboard.uid}`)) as
    | { dashboard: Record<string, unknown>; meta: { folderUid?: string } }
    | undefined
  if (current?.meta.folderUid === folderUid && isDeepStrictEqual(bare(current.dashboard), bare(dashboard)))
    return false
  await api.send('POST', '/api/dashboards/db', {
    dashboard: { ...dashboard, id: null },
    folderUid,
    overwrite: true,
    message: 'npm run deploy',
  })
  return true
}

/** A dashboard without what each Grafana counts for itself. */
function bare(dashboard: Record<string, unknown>): Record<string, unknown> {
  return { ...dashboard, id: null, version: null }
}
