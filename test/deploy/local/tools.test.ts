import t from 'tap'
import { identifyProcess } from '../../../deploy/local/process-identity.ts'
import { Tools } from '../../../deploy/local/tools.ts'

t.test(
  'a start that is stopped leaves Maven or pip running, or keeps the reaper waiting for it',
  async (t) => {
    const spawned: number[] = []
    const exited: number[] = []
    const tools = new Tools({ onSpawn: (pid) => spawned.push(pid), onExit: (pid) => exited.push(pid) })
    const result = tools.run(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'])
    t.equal(spawned.length, 1, 'the reaper knows of it before it does anything')
    await tools.stop()
    t.match(await result, { code: null })
    t.equal(identifyProcess(spawned[0] ?? 0), undefined)
    t.strictSame(exited, spawned)
    await t.rejects(tools.run(process.execPath, ['-e', '0']), { code: 'PART_FAILED' })
  },
)

t.test('what a program says, or that it failed or is missing, is lost', async (t) => {
  const tools = new Tools()
  const script = 'console.error("no route to the mirror"); process.exit(3)'
  t.strictSame(await tools.run(process.execPath, ['-e', script]), {
    code: 3,
    output: 'no route to the mirror',
  })
  await t.rejects(tools.run('no-such-program', []), { code: 'ENOENT' })
})
