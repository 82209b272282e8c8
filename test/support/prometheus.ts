import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { prometheusPart } from '../../deploy/local/parts/prometheus.ts'
import { choosePort } from '../../deploy/local/ports.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { metricsOf } from '../../deploy/local/start-monitoring.ts'
import { prometheusForTests } from './promtool.ts'

export type Sample = { labels: Record<string, string>; value: number }
export type Rule = {
  name: string
  health: string
  lastError?: string
  alerts?: { state: string; annotations: Record<string, string> }[]
}

export type PrometheusUnderTest = {
  /** The answer to an instant query, now. Rejects when it cannot be evaluated. */
  query(expression: string): Promise<Sample[]>
  /** All rules, as they were evaluated last. */
  rules(): Promise<Rule[]>
}

/** A Prometheus of the test's own that scrapes every part of the stack, and stops before it. */
export async function startPrometheus(
  t: Test,
  stack: Stack,
  options: { rules: string; intervalMs: number },
): Promise<PrometheusUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const part = prometheusPart({
    program: await prometheusForTests(),
    port: await choosePort(0),
    folder,
    targets: metricsOf(stack),
    ...options,
  })
  await stack.startOnlookers([part])
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${part.address}/api/v1/${path}`)
    const { data, error } = (await response.json()) as { data: T; error?: string }
    if (error !== undefined) throw new Error(`${path}: ${error}`)
    return data
  }
  return {
    async query(expression) {
      const { result } = await ask<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(expression)}`,
      )
      return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: Rule[] }[] }>('rules')
      return groups.flatMap(({ rules }) => rules)
    },
  }
}
