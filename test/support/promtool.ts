import { fetchPrometheus, type Prometheus } from '../../deploy/local/find-prometheus.ts'
import { type ToolResult, Tools } from '../../deploy/local/tools.ts'

const FOLDER = new URL('../../.roadpulse/tools/prometheus', import.meta.url).pathname

/** Prometheus and promtool of the machine, or unpacked beside the other tools. Rejects with what to install. */
export function prometheusForTests(): Promise<Prometheus> {
  return fetchPrometheus({ path: process.env.PATH ?? '', folder: FOLDER, tools: new Tools() })
}

export async function runPromtool(args: readonly string[]): Promise<ToolResult> {
  const { promtool } = await prometheusForTests()
  return new Tools().run(promtool, args)
}
