import t from 'tap'
import { readCommandLine } from '../../../workers/producer/command-line.ts'

t.test('what is asked for once is not what was meant', async (t) => {
  t.equal(readCommandLine([]), undefined)
  t.equal(readCommandLine(['--help']), undefined)
  t.same(readCommandLine(['--once', 'a.csv']), { file: 'a.csv', isDryRun: false, pace: { kind: 'max' } })
  t.same(
    readCommandLine([
      '--once=a.csv',
      '--dry-run',
      '--pace',
      '60x',
      '--filter',
      '{"states":["TX"]}',
      '--name',
      'n',
    ]),
    {
      file: 'a.csv',
      isDryRun: true,
      pace: { kind: 'speed', factor: 60 },
      filter: { states: ['TX'] },
      name: 'n',
    },
  )
  t.same(readCommandLine(['--once', 'a', '--pace', '2.5'])?.pace, { kind: 'rate', rowsPerSecond: 2.5 })
})

t.test('a wrong command line is taken, or its faults are named one at a time', async (t) => {
  const message = (args: string[]) => {
    try {
      readCommandLine(args)
    } catch (error) {
      return (error as Error).message
    }
    return 'taken'
  }
  t.match(
    message(['--once', 'a', '--pace', 'fast', '--filter', '{"states":[]}']),
    /--pace: got fast.*--filter: states/,
  )
  t.match(message(['--once', 'a', '--pace', '0']), /--pace: got 0/)
  t.match(message(['--once', 'a', '--filter', '{']), /expected JSON/)
  t.match(message(['--dry-run', '--pace', '5']), /only go with --once.*--dry-run only/)
  t.match(message(['--speed', '5']), /--speed/)
  t.match(message(['--once']), /--once/)
})
