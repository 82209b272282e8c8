import { type ChildProcess, spawn } from 'node:child_process'
import type { Test } from 'tap'
import { STAND_IN_CREDENTIALS } from './servers.ts'

export type TestProcess = {
  child: ChildProcess
  /** Its exit code; null when a signal ended it. */
  ended: Promise<number | null>
}

/** Runs one of our programs as its own process. `main` is its path in the repository. It is killed when the test ends. */
export function startProcess(t: Test, main: string, environment: Record<string, string>): TestProcess {
  const child = spawn(process.execPath, [new URL(`../../${main}`, import.meta.url).pathname], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...STAND_IN_CREDENTIALS, LOG_LEVEL: 'error', ...environment },
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}
