/**
 * Fetches what tests start and the repository does not hold, before the first of them waits for it: their deadlines are
 * for what they test, and a slow download would end several at once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '../../lib/errors.ts'
import { prometheusForTests } from './promtool.ts'
import { standInPackages } from './servers.ts'

const TRIES = 3
const PAUSE_MS = 5_000

const TOOLS: Record<string, () => Promise<unknown>> = {
  'the stand-ins': standInPackages,
  Prometheus: prometheusForTests,
}

async function fetchTool(name: string, fetchIt: () => Promise<unknown>): Promise<void> {
  for (let left = TRIES - 1; ; left--) {
    try {
      await fetchIt()
      return
    } catch (error) {
      console.error(`${name} cannot be had: ${describeError(error)}`)
      if (left === 0) throw error
      await delay(PAUSE_MS)
    }
  }
}

await Promise.all(Object.entries(TOOLS).map(([name, fetchIt]) => fetchTool(name, fetchIt)))
