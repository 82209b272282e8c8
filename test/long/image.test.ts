import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { at, listOf, numberOf, textOf } from '../../deploy/checks/rule.ts'
import { allowWriting, type BuiltImage, buildImage, IMAGE_USER } from '../support/build-image.ts'
import { startProducerServers } from '../support/producers.ts'
import { freePort, STAND_IN_CREDENTIALS } from '../support/servers.ts'
import { containerOf, PROCESSES, type Process } from '../support/task-definitions.ts'
import { waitFor } from '../support/wait-for.ts'

const START_DEADLINE_MS = 30_000
const EXIT_CONFIGURATION = 2

const folder = mkdtempSync(join(tmpdir(), 'roadpulse-image-'))
chmodSync(folder, 0o755)
t.teardown(() => {
  allowWriting(folder)
  rmSync(folder, { recursive: true, force: true })
})
const image = await buildImage(folder)

t.test('what was compiled is not in the image, or is not what its programs are', async (t) => {
  for (const process of PROCESSES) {
    const help = start(t, image, [programOf(process), '--help'], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' })
    t.equal(await help.ended, 0)
    t.match(help.output(), /retrieving transpile cache for \S+ \S+\/main\.ts\.\.\.success/, process)
    t.notMatch(help.output(), /was rejected|mismatch/, process)
  }
})

t.test('a program needs what the image does not hold, or to write where it may not', async (t) => {
  for (const process of PROCESSES) {
    const help = start(t, image, [programOf(process), '--help'], {})
    t.equal(await help.ended, 0, `${process} --help`)
    t.match(help.output(), 'Environment:')
    const wrong = start(t, image, [programOf(process)], {
      REDIS_URL: 'redis://127.0.0.1:1',
      PROBE_PORT: 'none',
    })
    t.equal(await wrong.ended, EXIT_CONFIGURATION, `${process} with a wrong option`)
  }
})

t.test(
  'a container is not healthy when it works, or is killed before it has handed over what it holds',
  async (t) => {
    const servers = await startProducerServers(t)
    const { apiOptions } = await servers.prepare(t, 'image')
    for (const process of PROCESSES) {
      const options = {
        ...apiOptions,
        RAW_STREAM: 'image',
        PROBE_PORT: `${await freePort()}`,
        HTTP_PORT: `${await freePort()}`,
      }
      const running = start(t, image, [programOf(process)], options)
      const [, , script = ''] = listOf(at(containerOf(process), 'HealthCheck', 'Command')).map((part) =>
        textOf(part),
      )
      const isHealthy = async () => (await start(t, image, [script], options).ended) === 0
      await waitFor(`${process} is healthy`, isHealthy, { deadlineMs: START_DEADLINE_MS })

      const stoppedAt = performance.now()
      running.kill('SIGTERM')
      t.equal(await running.ended, 0, `${process} ends by itself`)
      const seconds = (performance.now() - stoppedAt) / 1_000
      t.ok(
        seconds < numberOf(at(containerOf(process), 'StopTimeout')),
        `${process} took ${seconds.toFixed(1)} s`,
      )
      t.notOk(await isHealthy(), `${process} is not healthy when it is gone`)
    }
  },
)

function programOf(process: Process): string {
  return textOf(at(containerOf(process), 'Command', 0))
}

/** Starts what ECS would: by the image's entry point, in its environment and no other, as a user without rights. */
function start(
  t: Test,
  { folder, environment, entrypoint }: BuiltImage,
  args: string[],
  options: Record<string, string>,
) {
  const [program = '', ...before] = entrypoint
  const variables = Object.entries({ ...environment, ...STAND_IN_CREDENTIALS, ...options })
  const command = [program === 'node' ? process.execPath : program, ...before, ...args]
  // By env, because what runs the tests adds variables of its own, by which node would write into its folder.
  const child = spawn('env', ['-i', ...variables.map(([name, value]) => `${name}=${value}`), ...command], {
    cwd: folder,
    ...IMAGE_USER,
  })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  t.teardown(() => child.kill('SIGKILL'))
  return { ended, output: () => output.join(''), kill: (signal: NodeJS.Signals) => child.kill(signal) }
}
