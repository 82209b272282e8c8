import { readFileSync } from 'node:fs'
import t from 'tap'
import { textOf } from '../../../deploy/checks/rule.ts'
import type { Value } from '../../../deploy/templates/template.ts'
import { allLayers } from '../../support/layers.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const job = allLayers({}).ingest.resources.Job?.Properties
const given = (job?.DefaultArguments ?? {}) as Record<string, Value>
/** Arguments that Glue itself reads; the others are the script's. */
const OF_GLUE =
  /^--(TempDir|additional-python-modules|conf|datalake-formats|enable-[a-z-]+|extra-py-files|job-bookmark-option)$/

t.test('the Glue job is given an argument that its script does not read, or lacks one that it needs', (t) => {
  const known = [...read('deploy/glue/curate.py').matchAll(/add_argument\("(--[a-z-]+)", required=True/g)]
  const ofScript = Object.keys(given).filter((name) => !OF_GLUE.test(name))
  t.strictSame(new Set(ofScript), new Set(known.map(([, name]) => name)))
  t.end()
})

t.test('the Glue job is tested with other modules than it runs with', (t) => {
  const pinned = read('deploy/glue/requirements.txt').split('\n')
  for (const module of textOf(given['--additional-python-modules']).split(','))
    t.ok(pinned.includes(module), module)
  t.equal(textOf(job?.GlueVersion), '5.1')
  t.ok(pinned.includes('pyspark==3.5.6'), 'the Spark of Glue 5.1')
  t.end()
})
