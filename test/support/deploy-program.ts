import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { COMPILE_CACHE } from '../../deploy/local/parts/node-process.ts'
import { STAND_IN_CREDENTIALS, startMinistack } from './servers.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FAKE_DOCKER = fileURLToPath(new URL('./fake-docker.ts', import.meta.url))
export const API_TOKENS = `operate:${'7'.repeat(64)}`

export type Run = { code: number | null; output: string }

/** An account of the test's own, and the programs as a person runs them against it. */
export type DeployBench = {
  endpoint: string
  /** Every call of `docker` so far, without those that only ask for its version. */
  dockerCalls(): string[]
  deploy(args: readonly string[], environment?: Record<string, string>, jar?: string[]): Promise<Run>
  /** Kills the deploy as soon as it says this. */
  deployKilledAt(text: string, args: readonly string[]): Promise<Run>
  teardown(args: readonly string[], input?: string): Promise<Run>
}

/** The job that is deployed is a file of a few bytes: nothing here runs it. */
export async function startDeployBench(t: Test): Promise<DeployBench> {
  const folder = t.testdir({ bin: {}, state: {}, 'job.jar': 'the job' })
  const { endpoint } = await startMinistack(t, `${folder}/state`)
  const log = `${folder}/docker.log`
  const docker = `${folder}/bin/docker`
  writeFileSync(docker, `#!/bin/sh\nexec "${process.execPath}" "${FAKE_DOCKER}" "${log}" "$@"\n`)
  chmodSync(docker, 0o755)
  const environment = {
    ...STAND_IN_CREDENTIALS,
    AWS_ENDPOINT_URL: endpoint,
    HOME: folder,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    PATH: `${folder}/bin:${process.env.PATH}`,
  }
  return {
    endpoint,
    dockerCalls() {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []
      return lines.filter((line) => line !== 'buildx version')
    },
    deploy: (args, more = { API_TOKENS }, jar = ['--jar', `${folder}/job.jar`]) =>
      run('deploy/deploy.ts', [...jar, ...args], { ...environment, ...more }),
    deployKilledAt: (text, args) =>
      run(
        'deploy/deploy.ts',
        ['--jar', `${folder}/job.jar`, ...args],
        { ...environment, API_TOKENS },
        '',
        text,
      ),
    teardown: (args, input) => run('deploy/teardown.ts', args, environment, input),
  }
}

function run(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
  input = '',
  killAt?: string,
): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, env: environment })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (killAt !== undefined && output.includes(killAt)) child.kill('SIGKILL')
    })
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
