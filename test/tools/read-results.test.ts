import t from 'tap'
import { readSurefire, readTap } from '../support/read-results.ts'

t.test('the sum counts a red test as green, or a file instead of its tests', async (t) => {
  const text = [
    'TAP version 14',
    '# Subtest: test/a.test.ts',
    '    # Subtest: first',
    '        ok 1 - inner',
    '        not ok 2 - should be equal',
    '          ---',
    '          diff: |',
    '            -3',
    '            +4',
    '          ...',
    '        1..2',
    '    not ok 1 - first # time=1ms',
    '    ok 2 - second # time=1ms',
    '    ok 3 - third # SKIP no real rows here',
    '    not ok 4 - fourth # time=1ms',
    '    1..4',
    'not ok 1 - test/a.test.ts # time=5ms',
    'ok 2 - test/b.test.ts # time=5ms',
    '1..2',
  ].join('\n')
  t.strictSame(readTap(text), {
    passed: 2,
    failed: 2,
    skipped: 1,
    failures: [
      'test/a.test.ts > first > should be equal\ndiff: -3\n+4\n',
      // It has no assertion of its own: it threw, or ran out of time.
      'test/a.test.ts > fourth',
    ],
  })
})

t.test('a file that crashed between its tests is taken for green', async (t) => {
  const text = [
    'TAP version 14',
    '# Subtest: test/a.test.ts',
    '    ok 1 - first # time=1ms',
    '    1..1',
    'not ok 1 - test/a.test.ts # time=5ms',
    '  ---',
    '  exitCode: 7',
    '  ...',
    '1..1',
  ].join('\n')
  t.strictSame(readTap(text), { passed: 1, failed: 1, skipped: 0, failures: ['test/a.test.ts\nexitCode: 7'] })
})

t.test("Maven's errors and skipped tests are added to the passed ones", async (t) => {
  const reports = [
    `<?xml version="1.0"?><testsuite name="A" time="1" tests="5" errors="1" skipped="1" failures="1">
      <testcase name="one" classname="A" time="0.1"/>
      <testcase name="two" classname="A" time="0.1"><failure message="expected 3" type="E">at A.two</failure></testcase>
      <testcase name="three" classname="A" time="0.1"><skipped/></testcase>
      <testcase name="four" classname="A" time="0.1"><error type="E">at A.four</error></testcase>
    </testsuite>`,
    '<testsuite tests="2" errors="0" skipped="0" failures="0"/>',
  ]
  t.strictSame(readSurefire(reports), {
    passed: 4,
    failed: 2,
    skipped: 1,
    failures: ['A > two', 'A > four'],
  })
})
