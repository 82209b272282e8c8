import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import type { Part } from '../../../../deploy/local/part.ts'
import { startMonitoring } from '../../../../deploy/local/start-monitoring.ts'
import { SupervisedPart } from '../../../../deploy/local/supervised-part.ts'
import { prometheusForTests } from '../../../support/promtool.ts'
import { waitFor } from '../../../support/wait-for.ts'

const FAKE_GRAFANA = new URL('../../../support/fake-grafana.ts', import.meta.url).pathname
const DEADLINE_MS = 30_000

type Answer = { data: { result: { metric: Record<string, string> }[]; groups: { rules: Rule[] }[] } }
type Rule = { name: string; annotations?: Record<string, string>; health: string }

t.test('Prometheus does not scrape the stack, or Grafana is not given our dashboards', async (t) => {
  const folder = t.testdir()
  const stack = await fakeStack(t, folder)
  const notices: string[] = []
  const pages = await startMonitoring(stack, {
    folder,
    monitoring: {
      prometheus: await prometheusForTests(),
      grafana: { program: process.execPath, args: [FAKE_GRAFANA, 'server'] },
    },
    onNotice: (message) => notices.push(message),
  })
  t.strictSame(Object.keys(pages), ['Prometheus', 'Grafana'], notices.join())
  const prometheus = pages['Prometheus'] ?? ''
  const ask = async (path: string) => (await (await fetch(`${prometheus}${path}`)).json()) as Answer

  await waitFor(
    'the worker is scraped',
    async () => (await ask('/api/v1/query?query=fleet_shards')).data.result.length === 1,
    { deadlineMs: DEADLINE_MS },
  )
  const { result } = (await ask('/api/v1/query?query=fleet_shards')).data
  t.match(result[0]?.metric, { job: 'roadpulse', service: 'consumer', environment: 'local' })
  const { groups } = (await ask('/api/v1/rules')).data
  const down = groups.flatMap(({ rules }) => rules).find(({ name }) => name === 'WorkerDown')
  t.equal(down?.annotations?.['runbook_url'], `${stack.addresses.api}/docs/runbook#down`)
  t.match(await (await fetch(prometheus)).text(), '<title>Prometheus', 'its own pages are found')

  const grafana = JSON.parse(readFileSync(`${folder}/grafana/data.json`, 'utf8')) as {
    environment: Record<string, string>
    provisioning: Record<string, string>
  }
  t.match(grafana.environment, {
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    PROMETHEUS_URL: prometheus,
  })
  const { providers } = parse(grafana.provisioning['dashboards/roadpulse.yaml'] ?? '') as {
    providers: { options: { path: string } }[]
  }
  t.match(providers[0]?.options.path, /\/grafana-dashboards$/)
  t.match(grafana.provisioning['datasources/roadpulse.yaml'], 'url: ${PROMETHEUS_URL}')

  const [, part] = stack.started
  part?.kill('SIGKILL')
  await waitFor('Grafana is started again', () => part?.restarts === 1 && part.state === 'running', {
    deadlineMs: DEADLINE_MS,
  })
})

t.test('a Grafana that does not come up ends the demo', async (t) => {
  const folder = t.testdir()
  const notices: string[] = []
  const pages = await startMonitoring(await fakeStack(t, folder), {
    folder,
    monitoring: {
      prometheus: await prometheusForTests(),
      grafana: { program: process.execPath, args: ['-e', 'console.log("no defaults"); process.exit(1)'] },
    },
    onNotice: (message) => notices.push(message),
  })
  t.strictSame(Object.keys(pages), ['Prometheus'])
  t.match(notices.at(-1), /grafana ended while it started.*no defaults/s)
})

/** A stack of one worker, which supervises what it is given as the real one does. */
async function fakeStack(t: Test, folder: string) {
  const worker = createServer((_request, response) => response.end('fleet_shards 4\n'))
  worker.listen(0, '127.0.0.1')
  await new Promise((resolve) => worker.once('listening', resolve))
  const { port } = worker.address() as AddressInfo
  const part = (name: string, metrics?: string): Part => ({
    name,
    command: () => ({ program: 'none', args: [] }),
    isReady: async () => true,
    readyDeadlineMs: 0,
    stopDeadlineMs: 0,
    ...(metrics === undefined ? {} : { metrics }),
  })
  const supervise = (part: Part) =>
    new SupervisedPart(part, {
      logFolder: folder,
      environment: process.env,
      events: { onState: nothing, onDeath: nothing, onSpawn: nothing, onExit: nothing },
    })
  const others = [part('redis'), part('consumer', `http://127.0.0.1:${port}/metrics`)].map(supervise)
  const started: SupervisedPart[] = []
  t.teardown(async () => {
    for (const one of started) await one.stop()
    worker.closeAllConnections()
    worker.close()
  })
  return {
    addresses: { redis: '', aws: { AWS_REGION: 'us-east-1' }, api: 'http://127.0.0.1:1' },
    parts: () => others,
    started,
    async startOnlookers(parts: readonly Part[]) {
      for (const one of parts.map(supervise)) {
        started.push(one)
        await one.start()
      }
    },
  }
}

const nothing = () => undefined
