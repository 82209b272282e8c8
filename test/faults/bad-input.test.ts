import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { identifyProcess } from '../../deploy/local/process-identity.ts'
import { waitFor } from '../support/wait-for.ts'

const DEMO = fileURLToPath(new URL('../../deploy/local/demo.ts', import.meta.url))
const HEADER = 'ID,Source,Severity,Start_Time,Start_Lat,Start_Lng,State'

type Ended = { code: number; output: string }

/** Runs the demo until it ends by itself. */
function runDemo(t: Test, args: string[], environment: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise((resolve) => {
    const command = [DEMO, '--no-open', '--state', stateFolder(t), ...args]
    execFile(process.execPath, command, { env: environment, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
    })
  })
}

/** One line of explanation, exit code 2, and nothing was started. */
function refused(t: Test, ended: Ended, explanation: RegExp): void {
  t.equal(ended.code, 2, ended.output)
  t.match(ended.output, explanation)
  t.equal(ended.output.trimEnd().split('\n').length, 1, `one line: ${ended.output}`)
}

t.test('a CSV that cannot be replayed is not refused before anything starts', async (t) => {
  const folder = t.testdir({
    directory: {},
    'empty.csv': '',
    'columns.csv': 'ID,Start_Time,State\nA-1,2020-01-01 00:00:00,OH\n',
    'binary.csv': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]),
    'damaged.csv.gz': Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  })
  const run = (name: string) => runDemo(t, ['--csv', `${folder}/${name}`])
  refused(t, await run('missing.csv'), /missing\.csv does not exist/)
  refused(t, await run('directory'), /is a directory/)
  refused(t, await run('empty.csv'), /is empty/)
  refused(
    t,
    await run('columns.csv'),
    /lacks the columns Severity, Start_Lat, Start_Lng: .*"ID,Start_Time,State"/,
  )
  refused(t, await run('binary.csv'), /is binary/)
  refused(t, await run('damaged.csv.gz'), /cannot be unpacked/)
})

t.test('wrong options are taken, or named one at a time', async (t) => {
  const ended = await runDemo(t, ['--rate', 'fast', '--rows=-3'])
  t.equal(ended.code, 2)
  t.match(ended.output, /--rate: got "fast".*; --rows: got "-3"/)
  refused(t, await runDemo(t, ['--speed', '3']), /--speed/)
})

t.test('a missing prerequisite shows as a failure in the middle of the start', async (t) => {
  const folder = t.testdir({ 'good.csv': `${HEADER}\n` })
  const bin = `${folder}/bin`
  mkdirSync(bin)
  symlinkSync(process.execPath, `${bin}/node`)
  const ended = await runDemo(t, ['--csv', `${folder}/good.csv`], { ...process.env, PATH: bin })
  refused(t, ended, /Java 17 or newer is needed.*Maven is needed.*Python 3.10 or newer is needed/)
})

t.test(
  'a port in use, or a supervisor that is asked to stop while it starts, leaves parts behind',
  async (t) => {
    const state = stateFolder(t)
    const occupant = createServer().listen(6390, '127.0.0.1')
    t.teardown(() => occupant.close())
    const demo = spawn(process.execPath, [DEMO, '--no-open', '--rows', '100', '--state', state])
    let output = ''
    for (const stream of [demo.stdout, demo.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve))
    await waitFor('the stand-ins run', () => output.includes('ministack  running'), {
      deadlineMs: 60_000,
      describe: () => output,
    })
    t.match(output, /port 6390 \(redis\) is in use, taking \d+/)
    const pids = pidsOf(`${state}/stack.json`)
    demo.kill('SIGINT')
    t.equal(await ended, 0, output)
    t.strictSame(pids.filter(isRunning), [])
  },
)

t.test('a supervisor that is killed leaves its parts running', async (t) => {
  const state = stateFolder(t)
  const demo = spawn(process.execPath, [DEMO, '--no-open', '--rows', '100', '--state', state], {
    stdio: 'ignore',
  })
  t.teardown(() => demo.kill('SIGKILL'))
  const pids = await waitFor(
    'three parts run',
    () => {
      const running = pidsOf(`${state}/stack.json`)
      return running.length >= 3 && running.every(isRunning) && running
    },
    { deadlineMs: 60_000 },
  )
  demo.kill('SIGKILL')
  await waitFor('all parts have ended', () => !pids.some(isRunning), {
    deadlineMs: 15_000,
    describe: () => pids.filter(isRunning),
  })
})

function stateFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'roadpulse-demo-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function pidsOf(stackFile: string): number[] {
  const { parts } = JSON.parse(readFileSync(stackFile, 'utf8')) as { parts: Record<string, { pid?: number }> }
  return Object.values(parts).flatMap((part) => part.pid ?? [])
}

const isRunning = (pid: number) => identifyProcess(pid) !== undefined
