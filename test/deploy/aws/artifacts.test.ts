import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { glueArtifacts } from '../../../deploy/aws/artifacts.ts'

t.test('a Glue job without its rules is deployed, or a change of its package is not', (t) => {
  const folder = `${t.testdir()}/`
  t.equal(glueArtifacts(folder), undefined, 'no job, nothing to deploy')
  mkdirSync(`${folder}roadpulse_glue`)
  writeFileSync(`${folder}curate.py`, 'import roadpulse_glue\n')
  const module = `${folder}roadpulse_glue/__init__.py`
  writeFileSync(module, `import importlib.resources\n`)
  const first = glueArtifacts(folder)
  t.match(first?.script.key, /^glue\/curate-[0-9a-f]{12}\.py$/)
  t.match(first?.library.key, /^glue\/roadpulse_glue-[0-9a-f]{12}\.zip$/)
  t.strictSame(glueArtifacts(folder), first, 'the same files have the same names')

  const archive = `${folder}package.zip`
  writeFileSync(archive, first?.library.content ?? '')
  const program =
    'import sys; sys.path.insert(0, sys.argv[1]); import roadpulse_glue, importlib.resources, json;' +
    'rules = importlib.resources.files(roadpulse_glue).joinpath("rules", "rush-hours.json");' +
    'print(type(json.loads(rules.read_text())).__name__)'
  t.equal(execFileSync('python3', ['-c', program, archive], { encoding: 'utf8' }), 'dict\n')

  writeFileSync(module, 'changed = True\n')
  t.not(glueArtifacts(folder)?.library.key, first?.library.key)
  t.not(glueArtifacts(folder)?.script.key, first?.script.key, 'by which Glue knows that its job has changed')
  t.end()
})
