import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import type { Grafana } from '../find-grafana.ts'
import type { Part } from '../part.ts'
import { LOCAL_AWS } from '../stack-options.ts'

const DASHBOARDS = fileURLToPath(new URL('../../../grafana-dashboards', import.meta.url))
const READY_TIMEOUT_MS = 1_500

type Providers = { providers: { options: { path: string } }[] }

/** A Grafana with our dashboards, for everybody on this machine to look at. */
export function grafanaPart(options: {
  grafana: Grafana
  port: number
  folder: string
  prometheusUrl: string
}): Part & { address: string } {
  const { grafana, port, folder } = options
  const address = `http://127.0.0.1:${port}`
  return {
    name: 'grafana',
    address,
    readyDeadlineMs: 60_000,
    stopDeadlineMs: 5_000,
    command() {
      provision(`${folder}/provisioning`)
      return {
        ...grafana,
        environment: {
          GF_SERVER_HTTP_ADDR: '127.0.0.1',
          GF_SERVER_HTTP_PORT: `${port}`,
          GF_PATHS_DATA: `${folder}/data`,
          GF_PATHS_LOGS: `${folder}/logs`,
          GF_PATHS_PLUGINS: `${folder}/plugins`,
          GF_PATHS_PROVISIONING: `${folder}/provisioning`,
          GF_LOG_MODE: 'console',
          GF_AUTH_ANONYMOUS_ENABLED: 'true',
          GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
          GF_AUTH_DISABLE_LOGIN_FORM: 'true',
          // It asks nobody outside this machine for anything.
          GF_ANALYTICS_REPORTING_ENABLED: 'false',
          GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
          GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
          GF_PLUGINS_PREINSTALL_DISABLED: 'true',
          GF_NEWS_NEWS_FEED_ENABLED: 'false',
          PROMETHEUS_URL: options.prometheusUrl,
          ...LOCAL_AWS,
        },
      }
    },
    async isReady() {
      const response = await fetch(`${address}/api/health`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) })
      return response.ok
    },
  }
}

/** The files for a Grafana in a container, with the folder of the dashboards on this machine. */
function provision(folder: string): void {
  mkdirSync(folder, { recursive: true })
  cpSync(`${DASHBOARDS}/provisioning`, folder, { recursive: true })
  const file = `${folder}/dashboards/roadpulse.yaml`
  const configuration = parse(readFileSync(file, 'utf8')) as Providers
  for (const { options } of configuration.providers) options.path = DASHBOARDS
  writeFileSync(file, stringify(configuration))
}
