/** What the container's health check runs: exit code 0 when this process's own event loop turns, 1 when not. */
import { Type } from 'typebox'
import { processOptions } from './common-options.ts'
import { EXIT_CLEAN, EXIT_FATAL } from './lifecycle.ts'
import { readOptions } from './read-options.ts'

const TIMEOUT_MS = 2_000

// oxlint-disable-next-line node/no-process-env -- a main program of its own
const { PROBE_PORT } = readOptions(Type.Object({ PROBE_PORT: processOptions.PROBE_PORT }), process.env)
try {
  const response = await fetch(`http://127.0.0.1:${PROBE_PORT}/health/live`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  process.exitCode = response.ok ? EXIT_CLEAN : EXIT_FATAL
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = EXIT_FATAL
}
