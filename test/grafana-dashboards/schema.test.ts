import { execFile } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
// The compiler itself: its launcher does not run below tap.
import getCompilerPath from '../../node_modules/typescript/lib/getExePath.js'

const MODEL = new URL('../support/grafana-model.ts', import.meta.url).pathname
const OPTIONS =
  '--noEmit --strict --skipLibCheck --module nodenext --target es2024 --allowImportingTsExtensions'

t.test('a dashboard has a field, a type or a value that the Grafana we deploy does not know', async (t) => {
  const files = globSync('grafana-dashboards/*.json').toSorted()
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  const pipeline = readFileSync('grafana-dashboards/pipeline.json', 'utf8')
  const broken = [
    pipeline.replace('"editable": false', '"editible": false'),
    pipeline.replace('"type": "stat"', '"type": "statistic"'),
    pipeline.replace('"drawStyle": "bars"', '"drawStyle": "zigzag"'),
    pipeline.replace('"lineWidth": 1', '"lineWidth": "1"'),
    pipeline.replace('"schemaVersion": 42', '"schemaVersion": "42"'),
  ]
  const faults = await findFaults(t.testdir({}), [...texts, ...broken])
  for (const file of files) t.strictSame(faults.shift(), [], basename(file))
  for (const found of faults) t.not(found.length, 0, 'what was broken on purpose is found')
})

/** What the compiler says of each text, against the types that Grafana publishes of its dashboards. */
async function findFaults(folder: string, texts: readonly string[]): Promise<string[][]> {
  const names = texts.map((_, index) => `dashboard-${index}.ts`)
  for (const [index, text] of texts.entries()) {
    const head = `import type { GrafanaDashboard } from '${MODEL}'`
    writeFileSync(
      join(folder, `dashboard-${index}.ts`),
      `${head}\nexport const it: GrafanaDashboard = ${text}`,
    )
  }
  const args = [...OPTIONS.split(' '), '--ignoreConfig', '--pretty', 'false', ...names]
  const run = promisify(execFile)(getCompilerPath(), args, { cwd: folder })
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const lines = stdout.split('\n')
  return names.map((name) => lines.filter((line) => line.startsWith(`${name}(`)))
}
