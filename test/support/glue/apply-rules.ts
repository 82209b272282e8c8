import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./apply_rules.py', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../../../deploy/glue', import.meta.url))
const MAX_OUTPUT_BYTES = 64 * 1_048_576

export type Question = 'split' | 'unpack' | 'key' | 'utcStart' | 'reasons' | 'knownFields'

/** What the Glue job answers to each of the questions: by its own code, in the Python of this machine. */
export function applyRules(questions: readonly [Question, unknown][]): unknown[] {
  const output = execFileSync('python3', [PROGRAM], {
    input: questions.map((question) => JSON.stringify(question)).join('\n'),
    env: { ...process.env, PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: MAX_OUTPUT_BYTES,
    encoding: 'utf8',
  })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
