import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { zip } from '../../../deploy/aws/zip.ts'

t.test('the package of the Glue job cannot be imported from its archive, or not what lies in it', (t) => {
  const folder = t.testdir()
  const archive = `${folder}/package.zip`
  writeFileSync(
    archive,
    zip({
      'rules_of_test/__init__.py': Buffer.from(
        `import pkgutil\nRULES = pkgutil.get_data(__name__, 'rules/weather.json').decode()\n`,
      ),
      'rules_of_test/rules/weather.json': Buffer.from('{"näss": 1}'),
      'rules_of_test/empty.py': Buffer.alloc(0),
    }),
  )
  const program =
    'import sys, zipfile; sys.path.insert(0, sys.argv[1]); import rules_of_test, rules_of_test.empty;' +
    'print(zipfile.ZipFile(sys.argv[1]).testzip(), rules_of_test.RULES)'
  const output = execFileSync('python3', ['-c', program, archive], { encoding: 'utf8' })
  t.equal(output, 'None {"näss": 1}\n')
  t.end()
})

t.test('the same files make another archive, so that the job is deployed without a change', (t) => {
  const [a, b] = [Buffer.from('a'), Buffer.from('b')]
  t.strictSame(zip({ a, b }), zip({ b, a }))
  t.notSame(zip({ a, b }), zip({ a, b: a }))
  t.end()
})
