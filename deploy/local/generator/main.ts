import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { generateCsv } from './generate-csv.ts'

const HELP = `Writes a CSV in the shape of the US accidents dataset to standard output.

  node deploy/local/generator/main.ts [--rows N] [--seed S] [--rate R] > file.csv

  --rows N   rows to write (default 100000)
  --seed S   the same seed gives the same file (default 1)
  --rate R   rows per second at which it will be replayed: a surge comes every three minutes of that (default 50)
`

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '50' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else {
  const options = { rows: Number(values.rows), seed: Number(values.seed), rate: Number(values.rate) }
  if (
    !Number.isInteger(options.rows) ||
    options.rows < 0 ||
    !Number.isInteger(options.seed) ||
    !(options.rate > 0)
  ) {
    process.stderr.write(`generator: --rows and --seed must be whole numbers, --rate above 0\n\n${HELP}`)
    process.exitCode = 2
  } else {
    await pipeline(Readable.from(generateCsv(options)), process.stdout)
  }
}
