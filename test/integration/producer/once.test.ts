import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { emittableRows, generate, startProducerServers } from '../../support/producers.ts'

const FILE = { seed: 21, rows: 900, rate: 50 }
const MAIN = new URL('../../../workers/producer/main.ts', import.meta.url).pathname
const servers = await startProducerServers(t)

function run(args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    )
  })
}

t.test('one file is not sent whole, once, by a process that ends with it', async (t) => {
  const { start, readEvents } = await servers.prepare(t, 'once')
  const file = `${t.testdir()}/mine.csv`
  writeFileSync(file, await generate(FILE))
  const producer = start({ REPLAY_SHARE: '1' }, ['--once', file, '--name', 'mine'])
  t.equal(await producer.ended, 0, JSON.stringify(producer.log.at(-1)))
  const { feeds } = await servers.store.list({ limit: 5 })
  t.match(feeds, [{ kind: 'replay', label: 'mine', state: 'finished', source: { key: /^csv\/.*mine.csv$/ } }])
  t.equal((await readEvents(feeds[0]?.name ?? '')).length, emittableRows(FILE).length)

  writeFileSync(file, 'ID,State\nA-1,TX\n')
  t.equal(await start({}, ['--once', file]).ended, 1, 'a file that cannot be replayed')
  t.equal((await servers.store.list({ limit: 5 })).feeds.length, 1)
})

t.test('a dry run needs more than the file, or leaves it unclear what is wrong', async (t) => {
  const file = `${t.testdir()}/mine.csv`
  writeFileSync(file, await generate(FILE))
  const dry = await run(['--once', file, '--dry-run', '--pace', '10'])
  t.equal(dry.code, 0, dry.output)
  t.match(dry.output, /rows +900\n[^]*it would take +\d+ s at 10 rows a second/)
  const missing = await run(['--once', `${file}x`, '--dry-run'])
  t.match(missing, { code: 1, output: /there is no file .*mine.csvx/ })
  t.match(await run(['--once', file, '--pace', 'fast']), { code: 2, output: /--pace: got fast/ })
  t.match(await run(['--help']), { code: 0, output: /--once FILE[^]*Environment:/ })
})
