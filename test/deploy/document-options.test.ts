import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderEnvExample, renderReadme } from '../../deploy/document-options.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

t.test('the README or .env.example tells of options that the processes do not have', async (t) => {
  t.equal(read('README.md'), renderReadme(read('README.md')), 'README.md is current (npm run docs)')
  t.equal(read('.env.example'), renderEnvExample(), '.env.example is current (npm run docs)')
})
