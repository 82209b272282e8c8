import { DASHBOARDS } from '../../grafana-dashboards/src/dashboards.ts'
import { fillVariables } from '../../grafana-dashboards/src/fill-variables.ts'
import { judgeAnswer, type Sample } from '../../grafana-dashboards/src/judge-answer.ts'
import type { PipelineUnderTest } from './pipeline.ts'
import type { PrometheusUnderTest } from './prometheus.ts'

/** What somebody has chosen who looks at the live feed of this machine. */
const VARIABLES = {
  environment: 'local',
  feed_kind: 'live',
  stream: '.*',
  shard: '.*',
  /** Four times what Prometheus scrapes at, and no less than Grafana takes for the demo's interval. */
  __rate_interval: '60s',
}

/** Asks every query of every panel once, and the api for what it is compared with. What speaks against a panel, by its name. */
export async function judgePanels(
  prometheus: PrometheusUnderTest,
  roadpulse: Pick<PipelineUnderTest, 'get'>,
): Promise<Map<string, string[]>> {
  const complaints = new Map<string, string[]>()
  for (const dashboard of DASHBOARDS) {
    for (const { title, targets } of dashboard.panels) {
      const panel: Record<string, Sample[]> = {}
      const api: Record<string, unknown> = {}
      for (const { legend, query, expects } of targets) {
        panel[legend] = withoutName(await prometheus.query(fillVariables(query, VARIABLES)))
        if (expects.kind === 'equality') api[expects.figure.path] = await roadpulse.get(expects.figure.path)
      }
      const found = targets.flatMap(({ legend, expects }) =>
        judgeAnswer(expects, panel[legend] ?? [], { panel, api }).map(
          (complaint) => `${legend}: ${complaint}`,
        ),
      )
      complaints.set(`${dashboard.name}, ${title}`, found)
    }
  }
  return complaints
}

/** The name of the metric is no label that a panel shows. */
function withoutName(samples: readonly Sample[]): Sample[] {
  return samples.map(({ labels: { __name__, ...labels }, value }) => ({ labels, value }))
}
