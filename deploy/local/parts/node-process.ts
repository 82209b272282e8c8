import { fileURLToPath } from 'node:url'
import type { Part } from '../part.ts'

/** As in the Dockerfile: the heap and the arenas of the allocator stay small, so that a worker stays under 200 MB. */
export const MEMORY_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=160']
export const MEMORY_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' }
/** What Node has compiled once: a process starts in half the time, and never holds the compiler of the sources. */
export const COMPILE_CACHE = fileURLToPath(new URL('../../../.roadpulse/compile-cache', import.meta.url))
const HEALTH_TIMEOUT_MS = 1_500

/** A process of our own, by the path of its `main.ts` from the project's root. */
export function nodeProcessPart(options: {
  name: string
  main: string
  probePort: number
  environment: Readonly<Record<string, string>>
  stopDeadlineMs: number
  address?: string
}): Part {
  const main = fileURLToPath(new URL(`../../../${options.main}`, import.meta.url))
  const probes = `http://127.0.0.1:${options.probePort}`
  return {
    name: options.name,
    address: options.address ?? probes,
    metrics: `${probes}/metrics`,
    readyDeadlineMs: 30_000,
    stopDeadlineMs: options.stopDeadlineMs,
    command: () => ({
      program: process.execPath,
      args: [...MEMORY_FLAGS, main],
      environment: {
        ...MEMORY_ENVIRONMENT,
        NODE_COMPILE_CACHE: COMPILE_CACHE,
        ...options.environment,
        PROBE_PORT: `${options.probePort}`,
      },
    }),
    async isReady() {
      const response = await fetch(`${probes}/health/ready`, {
        signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
      })
      return response.ok
    },
  }
}
