import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { findRedisServer } from '../../deploy/local/find-redis-server.ts'
import { choosePort } from '../../deploy/local/ports.ts'
import { Tools } from '../../deploy/local/tools.ts'
import { ensureVirtualEnvironment } from '../../deploy/local/virtual-environment.ts'
import { waitFor } from './wait-for.ts'

const READY_DEADLINE_MS = 20_000
/** The credentials that the stand-ins ask for and do not look at. */
export const STAND_IN_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_REGION: 'us-east-1',
}
Object.assign(process.env, STAND_IN_CREDENTIALS)

const VENV_FOLDER = new URL('../../.roadpulse/venv', import.meta.url).pathname
const KINESALITE_MAIN = new URL('../../deploy/local/kinesalite-main.ts', import.meta.url).pathname

type Server = { port: number; process: ChildProcess }

/** The Python packages that the stand-ins are, fetched when they are not there. */
export const standInPackages = () => ensureVirtualEnvironment({ folder: VENV_FOLDER, tools: new Tools() })

/** A Redis or Valkey of the test's own, configured as the local stack configures it. */
export async function startRedis(
  t: Test,
  options: readonly string[] = [],
): Promise<Server & { url: string; restart(): Promise<void> }> {
  const environment = await standInPackages()
  const program = await findRedisServer(process.env.PATH ?? '', environment)
  // Not the test's own folder: whoever asks for that empties it.
  const folder = mkdtempSync(join(tmpdir(), 'redis-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const args = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    ...options,
  ]
  const server = { port, process: await startServer(t, port, program, args) }
  return Object.assign(server, {
    url: `redis://127.0.0.1:${port}`,
    /** Kills it and starts it again on what it has written down. */
    async restart() {
      await endServer(server, 'SIGKILL')
      server.process = await startServer(t, port, program, args)
    },
  })
}

/** A Kinesis of the test's own, in memory. */
export async function startKinesalite(t: Test): Promise<Server & { endpoint: string }> {
  const port = await freePort()
  const child = await startServer(t, port, process.execPath, [KINESALITE_MAIN], {
    KINESALITE_PORT: `${port}`,
  })
  return { port, process: child, endpoint: `http://127.0.0.1:${port}` }
}

/** An S3, SNS, CloudFormation and more of the test's own. Its objects are kept in `state`. */
export async function startMinistack(t: Test, state = t.testdir()): Promise<Server & { endpoint: string }> {
  const environment = await standInPackages()
  const port = await freePort()
  const child = await startServer(t, port, environment.python, ['-m', 'ministack'], {
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: `${port}`,
    S3_PERSIST: '1',
    PERSIST_STATE: '1',
    S3_DATA_DIR: `${state}/s3`,
    STATE_DIR: `${state}/state`,
  })
  const endpoint = `http://127.0.0.1:${port}`
  await waitFor('MiniStack is healthy', async () => (await fetch(`${endpoint}/_ministack/health`)).ok, {
    deadlineMs: READY_DEADLINE_MS,
  })
  return { port, process: child, endpoint }
}

export async function endServer(server: Server, signal: NodeJS.Signals): Promise<void> {
  if (server.process.exitCode !== null || server.process.signalCode !== null) return
  const ended = new Promise((resolve) => server.process.once('exit', resolve))
  server.process.kill(signal)
  await ended
}

export const freePort = () => choosePort(0)

async function startServer(
  t: Test,
  port: number,
  program: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<ChildProcess> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...STAND_IN_CREDENTIALS, ...environment },
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const isListening = () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${output.slice(-5).join('')}`)
    return accepts(port)
  }
  await waitFor(`${program} listens on ${port}`, isListening, { deadlineMs: READY_DEADLINE_MS })
  return child
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
