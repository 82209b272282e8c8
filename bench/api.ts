import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Fleet } from '../api/fleet/fleet.ts'
import { choosePort } from '../deploy/local/ports.ts'
import type { Stack } from '../deploy/local/stack.ts'
import type { ServerMessage } from './api-server.ts'
import { listen } from './event-clients.ts'
import { loadAtRate, loadAtWill, type Target } from './http-load.ts'
import type { Bench, Figures } from './main.ts'
import { memorySettings } from './memory-settings.ts'
import { startStack } from './pipeline.ts'

const SERVER = fileURLToPath(new URL('api-server.ts', import.meta.url))

const PIPELINE_ROWS_PER_SECOND = 200
/** Flink compiles and the JIT of the api, too: what happens meanwhile is not measured. */
const WARM_UP_SECONDS = 20
const HEALTH = { paths: ['/health/live', '/health/ready'], perSecond: 500, connections: 20 }
const LISTENED = 'api-listened'
const LISTENERS = { clients: 200, updatesPerSecond: 5, warmUpSeconds: 3 }
const TICK_MS = 1_000
const AT_WILL = { paths: HEALTH.paths, connections: 48 }

/**
 * What the api costs and how fast it answers: the routes of health by our app and by a bare Fastify app, by turns, each as a
 * process of its own that is given as many requests as it answers; then, beside a running pipeline, health at 500 requests a
 * second, and 200 clients of `/events` at 5 updates a second of a second api. CPU is that of the server only.
 */
export const apiBench: Bench = async ({ quick }) => {
  const ratio = await compareWithBare(quick ? { seconds: 2, rounds: 2 } : { seconds: 5, rounds: 7 })
  const served = await measureBesidePipeline(quick ? 10 : 60)
  console.table([served, ratio])
  return { ...served, ...ratio }
}

type Round = { perSecond: number; cpuMicrosPerRequest: number }

async function compareWithBare(run: { seconds: number; rounds: number }): Promise<Figures> {
  const [ours, bare] = await Promise.all([startServer('ours'), startServer('bare')])
  try {
    for (const server of [ours, bare]) await measureRound(server, 1)
    const rounds: { ours: Round[]; bare: Round[] } = { ours: [], bare: [] }
    for (let round = 0; round < run.rounds; round++) {
      rounds.bare.push(await measureRound(bare, run.seconds))
      rounds.ours.push(await measureRound(ours, run.seconds))
    }
    const perSecond = (list: Round[]) => median(list.map((round) => round.perSecond))
    const cpu = (list: Round[]) => median(list.map((round) => round.cpuMicrosPerRequest))
    return {
      requestsPerSecond: Math.round(perSecond(rounds.ours)),
      bareRequestsPerSecond: Math.round(perSecond(rounds.bare)),
      ratioToBareLoop: round2(perSecond(rounds.ours) / perSecond(rounds.bare)),
      cpuMicrosPerRequest: round2(cpu(rounds.ours)),
      bareCpuMicrosPerRequest: round2(cpu(rounds.bare)),
      cpuRatioToBareLoop: round2(cpu(rounds.ours) / cpu(rounds.bare)),
    }
  } finally {
    for (const { child } of [ours, bare]) child.kill('SIGKILL')
  }
}

type Server = { child: ChildProcess; target: Target }

async function startServer(mode: 'ours' | 'bare'): Promise<Server> {
  const child = fork(SERVER, [mode], { env: { ...process.env, ...memorySettings() } })
  const [message] = (await once(child, 'message')) as [ServerMessage]
  if (!('port' in message)) throw new Error('the server does not say its port')
  return { child, target: { port: message.port, paths: AT_WILL.paths } }
}

async function measureRound({ child, target }: Server, seconds: number): Promise<Round> {
  const before = await cpuOf(child)
  const startedAt = performance.now()
  const perSecond = await loadAtWill(target, { ...AT_WILL, seconds })
  const requests = perSecond * ((performance.now() - startedAt) / 1_000)
  return { perSecond, cpuMicrosPerRequest: ((await cpuOf(child)) - before) / requests }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [message] = (await once(child, 'message')) as [ServerMessage]
  return 'cpuMicros' in message ? message.cpuMicros : 0
}

async function measureBesidePipeline(seconds: number): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'roadpulse-bench-'))
  const rows = PIPELINE_ROWS_PER_SECOND * (2 * seconds + 5 * WARM_UP_SECONDS)
  const stack = await startStack(folder, { rowsPerSecond: PIPELINE_ROWS_PER_SECOND, rows })
  let listened: Awaited<ReturnType<typeof startListenedApi>> | undefined
  try {
    await delay(WARM_UP_SECONDS * 1_000)
    const port = Number(new URL(stack.addresses.api).port)
    const health = await loadAtRate({ port, paths: HEALTH.paths }, { ...HEALTH, seconds })
    listened = await startListenedApi(stack)
    const startRssMb = await rssOf(stack)
    const memory = watchMemory(stack)
    const heard = await listen(listened.port, { ...LISTENERS, seconds })
    const { latenciesMs, updatesPerSecondAndClient } = heard
    return {
      p50Ms: quantile(health, 0.5),
      p95Ms: quantile(health, 0.95),
      p99Ms: quantile(health, 0.99),
      deliveryP50Ms: quantile(latenciesMs, 0.5),
      deliveryP99Ms: quantile(latenciesMs, 0.99),
      updatesPerSecondAndClient: round2(updatesPerSecondAndClient),
      startRssMb,
      peakRssMb: await memory.stop(),
    }
  } finally {
    await listened?.stop()
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A second api on the same pipeline, which reads and sends as often as is measured. */
async function startListenedApi(stack: Stack): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await choosePort(0)
  const { program, args, environment } = await stack.part('api').part.command()
  const env = { ...process.env, ...environment }
  // What it loads is compiled beforehand, as in the image.
  spawnSync(program, [...args, '--help'], { env, stdio: 'ignore' })
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...env,
      HTTP_PORT: `${port}`,
      PROBE_PORT: '0',
      WORKER_ID: LISTENED,
      SNAPSHOT_INTERVAL_MS: `${1_000 / LISTENERS.updatesPerSecond}`,
    },
  })
  const ended = once(child, 'exit')
  while (!(await isFound(stack))) await delay(TICK_MS)
  return {
    port,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

const isFound = async (stack: Stack) => (await rssOf(stack)) > 0

/** What the api which is listened to says it holds, in MiB; 0 while it has not yet said so. */
async function rssOf(stack: Stack): Promise<number> {
  return (await readWorkers(stack)).find(({ id }) => id === LISTENED)?.rssMb ?? 0
}

async function readWorkers(stack: Stack): Promise<Fleet['workers']> {
  return ((await (await fetch(`${stack.addresses.api}/fleet`)).json()) as Fleet).workers
}

/** The most that it says it holds, asked once a second. */
function watchMemory(stack: Stack): { stop(): Promise<number> } {
  let peakMb = 0
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      peakMb = Math.max(peakMb, await rssOf(stack))
      await delay(TICK_MS)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await watching
      return peakMb
    },
  }
}

function quantile(sorted: readonly number[], q: number): number | null {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  return value === undefined ? null : round2(value)
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const round2 = (value: number) => Math.round(value * 100) / 100
