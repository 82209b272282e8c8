import { type ChildProcess, spawn } from 'node:child_process'
import type { Test } from 'tap'
import { COMPILE_CACHE } from '../../deploy/local/parts/node-process.ts'
import { STAND_IN_CREDENTIALS } from './servers.ts'

export type TestProcess = {
  child: ChildProcess
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>
  /** All that it has written so far, its log and its complaints. */
  output(): string
}

/** Runs one of our programs as its own process. `main` is its path in the repository. It is killed when the test ends. */
export function startProcess(t: Test, main: string, environment: Record<string, string>): TestProcess {
  const child = spawn(process.execPath, [new URL(`../../${main}`, import.meta.url).pathname], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...STAND_IN_CREDENTIALS,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      LOG_LEVEL: 'error',
      ...environment,
    },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    process.stderr.write(chunk)
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, output: () => output }
}
