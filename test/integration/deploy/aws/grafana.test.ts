import { mkdirSync, writeFileSync } from 'node:fs'
import { GrafanaClient } from '@aws-sdk/client-grafana'
import t, { type Test } from 'tap'
import { GrafanaApi } from '../../../../deploy/aws/grafana-api.ts'
import { grafanaContent } from '../../../../deploy/aws/grafana-content.ts'
import { withGrafanaToken } from '../../../../deploy/aws/grafana-workspace.ts'
import { pushGrafana } from '../../../../deploy/aws/push-grafana.ts'
import { startGrafana } from '../../../support/grafana-server.ts'

const runbookUrl = 'https://api.test/docs/runbook'
const prometheusUrl = 'https://aps.test/workspaces/ws-0/'

t.test('a push leaves out a dashboard, or sends again what Grafana has', async (t) => {
  const folder = dashboards(t)
  const grafana = await startGrafana(t)
  const push = () => deployTo(t, grafana, folder)
  t.strictSame(await push(), ['CloudWatch', 'Prometheus', 'Roadpulse', 'Fleet', 'Flow'])
  t.match(grafana.content['/api/datasources/uid/prometheus'], {
    url: prometheusUrl,
    jsonData: { sigV4Auth: true, sigV4Region: 'eu-west-1' },
  })
  t.match(grafana.content['/api/dashboards/uid/fleet'], {
    dashboard: {
      title: 'Fleet',
      panels: [],
      templating: { list: [{ query: runbookUrl }, { query: 'up' }] },
    },
    meta: { folderUid: 'roadpulse' },
  })

  grafana.log.length = 0
  t.strictSame(await push(), [])
  t.notMatch(grafana.log.join('\n'), '/api/')

  writeFileSync(`${folder}fleet.json`, JSON.stringify({ uid: 'fleet', title: 'Fleet', panels: [1] }))
  t.strictSame(await push(), ['Fleet'])
  const stored = grafana.content['/api/dashboards/uid/flow'] as { meta: { folderUid: string } }
  stored.meta.folderUid = 'elsewhere'
  t.strictSame(await push(), ['Flow'], 'somebody has moved it')
  const source = grafana.content['/api/datasources/uid/cloudwatch'] as { jsonData: { defaultRegion: string } }
  source.jsonData = { defaultRegion: 'us-east-1' }
  t.strictSame(await push(), ['CloudWatch'], 'somebody has changed it')
})

t.test('the key to Grafana outlives the push, or its failure, or is never asked for', async (t) => {
  const grafana = await startGrafana(t)
  await deployTo(t, grafana, dashboards(t))
  t.equal(grafana.accounts.size, 0)

  grafana.faults.set('/api/dashboards/db', 503)
  grafana.content['/api/dashboards/uid/fleet'] = { dashboard: {}, meta: {} }
  const failed = deployTo(t, grafana, dashboards(t))
  await t.rejects(failed, { code: 'PART_FAILED', message: /POST \/api\/dashboards\/db 503 .*not today/ })
  t.equal(grafana.accounts.size, 0)

  const api = new GrafanaApi(grafana.url, 'of somebody else')
  await t.rejects(api.get('/api/folders/roadpulse'), { message: /401 .*Invalid API key/ })
})

t.test(
  'a repository without dashboards cannot be deployed, or a data source without Prometheus is made',
  (t) => {
    const content = grafanaContent(
      { region: 'eu-west-1', prometheusUrl: undefined, runbookUrl },
      `${t.testdir()}/none/`,
    )
    t.strictSame(content.dashboards, [])
    t.strictSame(
      content.dataSources.map(({ uid }) => uid),
      ['cloudwatch'],
    )
    t.end()
  },
)

/** Pushes as a deploy does, with a token of the workspace. */
async function deployTo(
  t: Test,
  { url, workspaceId }: { url: string; workspaceId: string },
  folder: string,
): Promise<string[]> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new GrafanaClient({ region: 'eu-west-1', endpoint: url, credentials })
  t.teardown(() => client.destroy())
  const content = grafanaContent({ region: 'eu-west-1', prometheusUrl, runbookUrl }, folder)
  return withGrafanaToken(client, workspaceId, (token) => pushGrafana(new GrafanaApi(url, token), content))
}

function dashboards(t: Test): string {
  const folder = `${t.testdir()}/dashboards/`
  mkdirSync(folder)
  const templating = {
    list: [
      { name: 'runbook', query: 'http://127.0.0.1:8080/docs/runbook' },
      { name: 'environment', query: 'up' },
    ],
  }
  for (const uid of ['fleet', 'flow']) {
    const title = `${uid.charAt(0).toUpperCase()}${uid.slice(1)}`
    writeFileSync(`${folder}${uid}.json`, JSON.stringify({ id: null, uid, title, panels: [], templating }))
  }
  return folder
}
