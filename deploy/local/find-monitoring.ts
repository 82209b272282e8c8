import { findGrafana, type Grafana } from './find-grafana.ts'
import { findPrometheus, INSTALL_PROMETHEUS, type Prometheus } from './find-prometheus.ts'

const INSTALL_GRAFANA = 'put a Grafana server on the PATH (https://grafana.com/grafana/download)'

export type Monitoring = { prometheus: Prometheus; grafana: Grafana | undefined }

/** What this machine has to show metrics with. What is missing is said, in one line; without Prometheus there is nothing. */
export function findMonitoring(options: {
  path: string
  /** Where a Prometheus may have been unpacked. */
  folder: string
  onNotice: (message: string) => void
}): Monitoring | undefined {
  const { path, folder, onNotice } = options
  const prometheus = findPrometheus(path, folder)
  const grafana = findGrafana(path)
  if (prometheus === undefined) {
    const both = grafana === undefined ? `${INSTALL_PROMETHEUS}, and ${INSTALL_GRAFANA}` : INSTALL_PROMETHEUS
    onNotice(`no Prometheus is here, so no dashboards: ${both}`)
    return undefined
  }
  if (grafana === undefined) onNotice(`no Grafana is here, so Prometheus alone: ${INSTALL_GRAFANA}`)
  return { prometheus, grafana }
}
