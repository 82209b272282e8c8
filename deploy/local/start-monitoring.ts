import { renderRules } from '../../grafana-dashboards/src/alerts/render-rules.ts'
import { describeError } from '../../lib/errors.ts'
import type { Monitoring } from './find-monitoring.ts'
import { grafanaPart } from './parts/grafana.ts'
import { prometheusPart } from './parts/prometheus.ts'
import { choosePort } from './ports.ts'
import type { Stack } from './stack.ts'

const PORTS = { prometheus: 9090, grafana: 3000 }
const INTERVAL_MS = 5_000

/** Links to what there is to look at, by name. */
export type Pages = Readonly<Record<string, string>>

/**
 * Starts Prometheus, which scrapes every part of the stack that can be, and Grafana where there is one. They only look
 * on: when one does not come up, that is said, and the stack goes on.
 */
export async function startMonitoring(
  stack: Pick<Stack, 'parts' | 'startOnlookers' | 'addresses'>,
  options: { folder: string; monitoring: Monitoring; onNotice: (message: string) => void },
): Promise<Pages> {
  const { folder, monitoring, onNotice } = options
  const choose = async (name: keyof typeof PORTS) => {
    const port = await choosePort(PORTS[name])
    if (port !== PORTS[name]) onNotice(`port ${PORTS[name]} (${name}) is in use, taking ${port}`)
    return port
  }
  const pages: Record<string, string> = {}
  try {
    const prometheus = prometheusPart({
      program: monitoring.prometheus,
      port: await choose('prometheus'),
      folder: `${folder}/prometheus`,
      targets: metricsOf(stack),
      rules: renderRules(`${stack.addresses.api}/docs/runbook`),
      intervalMs: INTERVAL_MS,
    })
    await stack.startOnlookers([prometheus])
    pages['Prometheus'] = prometheus.address
    if (monitoring.grafana === undefined) return pages
    const grafana = grafanaPart({
      grafana: monitoring.grafana,
      port: await choose('grafana'),
      folder: `${folder}/grafana`,
      prometheusUrl: prometheus.address,
    })
    await stack.startOnlookers([grafana])
    pages['Grafana'] = `${grafana.address}/dashboards`
  } catch (error) {
    onNotice(describeError(error))
  }
  return pages
}

/**
 * Where the parts can be scraped, by their name. But for Firehose: on AWS it is not ours, and what its stand-in shows as a
 * consumer of stream 1 would be added to what our consumers show.
 */
export function metricsOf(stack: Pick<Stack, 'parts'>): Record<string, string> {
  return Object.fromEntries(
    stack
      .parts()
      .flatMap(({ part: { name, metrics } }) =>
        metrics === undefined || name === 'firehose' ? [] : [[name, metrics]],
      ),
  )
}
