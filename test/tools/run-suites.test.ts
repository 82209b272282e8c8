import t from 'tap'
import { countSurefire, countTap } from '../support/run-suites.ts'

t.test('the sum counts a red test as green, or a file instead of its tests', async (t) => {
  const text = [
    '# Subtest: test/a.test.ts',
    '    # Subtest: first',
    '        ok 1 - inner',
    '        not ok 2 - inner',
    '    not ok 1 - first # time=1ms',
    '    ok 2 - second # time=1ms',
    '    ok 3 - third # SKIP no real rows here',
    'not ok 1 - test/a.test.ts # time=5ms',
    'ok 2 - test/b.test.ts # time=5ms',
  ].join('\n')
  t.strictSame(countTap(text), { passed: 2, failed: 1, skipped: 1 })
})

t.test('a file that crashed between its tests is taken for green', async (t) => {
  const text = ['    ok 1 - first # time=1ms', 'not ok 1 - test/a.test.ts # time=5ms'].join('\n')
  t.strictSame(countTap(text), { passed: 1, failed: 1, skipped: 0 })
})

t.test("Maven's errors and skipped tests are added to the passed ones", async (t) => {
  const reports = [
    '<?xml version="1.0"?><testsuite name="A" time="1" tests="5" errors="1" skipped="1" failures="1"><testcase/></testsuite>',
    '<testsuite tests="2" errors="0" skipped="0" failures="0"/>',
  ]
  t.strictSame(countSurefire(reports), { passed: 4, failed: 2, skipped: 1 })
})
