import { parseArgs } from 'node:util'
import { describeError, RoadpulseError } from '../../lib/errors.ts'

export const DEMO_HELP = `npm run demo -- [options]

Starts all of Roadpulse on this machine, feeds it a CSV, and opens the page. Ctrl-C stops all of it.

  --csv FILE   replay this CSV (plain or .gz) instead of the generated one
  --rate N     rows per second (default 50)
  --rows N     only so many rows (default: all of the CSV; 60000 generated ones)
  --fresh      forget what earlier runs left: streams, insights, checkpoints, uploads
  --state DIR  keep state in this folder instead of .roadpulse
  --grafana    show the metrics and the alerts in Prometheus and Grafana, as far as they are on the PATH
  --no-open    do not open the page in a browser
  --help       this text
`

export type DemoOptions = {
  csv?: string
  rate: number
  rows?: number
  state?: string
  fresh: boolean
  grafana: boolean
  open: boolean
  help: boolean
}

const DEFAULT_RATE = 50

/** Reads the command line. Throws one `CONFIGURATION` error that names every fault. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const { values } = parse(args)
  const faults: string[] = []
  const number = (name: 'rate' | 'rows', isValid: (value: number) => boolean, expected: string) => {
    const text = values[name]
    if (text === undefined) return undefined
    const value = Number(text)
    if (text !== '' && isValid(value)) return value
    faults.push(`--${name}: got "${text}", expected ${expected}`)
    return undefined
  }
  const rate = number('rate', (value) => value > 0 && value <= 1_000_000, 'rows per second above 0')
  const rows = number('rows', (value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0')
  for (const name of ['csv', 'state'] as const) {
    if (values[name] === '') faults.push(`--${name}: got nothing, expected a path`)
  }
  if (faults.length > 0) throw new RoadpulseError('CONFIGURATION', faults.join('; '))
  return {
    ...(values.csv === undefined ? {} : { csv: values.csv }),
    rate: rate ?? DEFAULT_RATE,
    ...(rows === undefined ? {} : { rows }),
    ...(values.state === undefined ? {} : { state: values.state }),
    fresh: values.fresh ?? false,
    grafana: values.grafana ?? false,
    open: !(values['no-open'] ?? false),
    help: values.help ?? false,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        csv: { type: 'string' },
        rate: { type: 'string' },
        rows: { type: 'string' },
        state: { type: 'string' },
        fresh: { type: 'boolean' },
        grafana: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new RoadpulseError('CONFIGURATION', `${describeError(error).split('\n')[0]} (see --help)`)
  }
}
