import { mkdirSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { duration } from '../../../grafana-dashboards/src/alerts/duration.ts'
import type { Prometheus } from '../find-prometheus.ts'
import type { Part } from '../part.ts'

const READY_TIMEOUT_MS = 1_500
/** As long as the longest window of a rule, and some days. */
const RETENTION = '7d'

export type PrometheusPartOptions = {
  program: Prometheus
  port: number
  folder: string
  /** Addresses of metrics, by the name of the part that they are of. */
  targets: Readonly<Record<string, string>>
  /** The text of its rules. */
  rules: string
  /** How often it scrapes and evaluates the rules. */
  intervalMs: number
}

/** A Prometheus that scrapes the parts of this stack, as the collectors on AWS scrape theirs. */
export function prometheusPart(options: PrometheusPartOptions): Part & { address: string } {
  const { program, port, folder } = options
  const address = `http://127.0.0.1:${port}`
  return {
    name: 'prometheus',
    address,
    readyDeadlineMs: 30_000,
    stopDeadlineMs: 5_000,
    command() {
      mkdirSync(folder, { recursive: true })
      writeFileSync(`${folder}/rules.yaml`, options.rules)
      writeFileSync(`${folder}/prometheus.yaml`, stringify(configurationOf(options)))
      return {
        program: program.server,
        args: [
          `--config.file=${folder}/prometheus.yaml`,
          `--storage.tsdb.path=${folder}/data`,
          `--storage.tsdb.retention.time=${RETENTION}`,
          `--web.listen-address=127.0.0.1:${port}`,
          ...(program.pages === undefined ? [] : [`--web.local-assets=${program.pages}`]),
        ],
      }
    },
    async isReady() {
      const response = await fetch(`${address}/-/ready`, { signal: AbortSignal.timeout(READY_TIMEOUT_MS) })
      return response.ok
    },
  }
}

function configurationOf({ targets, intervalMs }: PrometheusPartOptions) {
  const interval = duration(intervalMs)
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ['rules.yaml'],
    scrape_configs: [
      {
        job_name: 'roadpulse',
        // `build_info` names its service as the target does.
        honor_labels: true,
        static_configs: Object.entries(targets).map(([service, url]) => ({
          targets: [new URL(url).host],
          labels: { service, environment: 'local' },
        })),
      },
    ],
  }
}
