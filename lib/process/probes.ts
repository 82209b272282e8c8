import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describeError } from '../errors.ts'

const CHECK_TIMEOUT_MS = 1_000
const CHECK_CACHE_MS = 2_000

/** Resolves when the dependency answers, rejects with the reason when it does not. */
export type DependencyCheck = () => Promise<unknown>

export type CheckResult = { status: 'ok' | 'failing'; latencyMs: number; error?: string }
export type Readiness = { status: 'ok' | 'failing' | 'draining'; checks: Record<string, CheckResult> }

/** Runs each check with a deadline and remembers the answer for two seconds, so that probes cost nothing. */
export function createReadiness(checks: Record<string, DependencyCheck>, isDraining: () => boolean) {
  let cached: { at: number; results: Promise<Record<string, CheckResult>> } | undefined
  return async function readiness(): Promise<Readiness> {
    const now = performance.now()
    if (cached === undefined || now - cached.at > CHECK_CACHE_MS)
      cached = { at: now, results: runChecks(checks) }
    const results = await cached.results
    const failing = Object.values(results).some((result) => result.status === 'failing')
    return { status: isDraining() ? 'draining' : failing ? 'failing' : 'ok', checks: results }
  }
}

export type ProbeServer = { port: number; close(): Promise<void> }

/** The small port of a process that has no HTTP of its own: `/health/live`, `/health/ready`, `/metrics`. */
export async function startProbeServer(options: {
  host: string
  port: number
  readiness: () => Promise<Readiness>
  metrics: () => Promise<string>
}): Promise<ProbeServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path === '/health/live') return send(response, 200, 'application/json', '{"status":"ok"}')
    if (path === '/health/ready') {
      return void options
        .readiness()
        .then((state) =>
          send(response, state.status === 'ok' ? 200 : 503, 'application/json', JSON.stringify(state)),
        )
    }
    if (path === '/metrics') {
      return void options.metrics().then(
        (text) => send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', text),
        (error: unknown) => send(response, 500, 'text/plain', describeError(error)),
      )
    }
    return send(response, 404, 'text/plain', 'try /health/live, /health/ready or /metrics\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}

async function runChecks(checks: Record<string, DependencyCheck>): Promise<Record<string, CheckResult>> {
  const entries = Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function runCheck(check: DependencyCheck): Promise<CheckResult> {
  const startedAt = performance.now()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), timeout])
    return { status: 'ok', latencyMs: Math.round(performance.now() - startedAt) }
  } catch (error) {
    return {
      status: 'failing',
      latencyMs: Math.round(performance.now() - startedAt),
      error: describeError(error),
    }
  } finally {
    clearTimeout(timer)
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}
