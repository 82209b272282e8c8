import { RoadpulseError } from '../../lib/errors.ts'
import { type Checkpoint, parsePosition, SHARD_END } from '../../lib/kinesis/position.ts'
import { parseArguments } from './parse-arguments.ts'

export type CheckpointOptions =
  | { help: true }
  | { help: false; shards: string[]; at: Checkpoint; isSure: boolean }

/** Reads the command line. Throws one `CONFIGURATION` error that names every fault. */
export function readCheckpointOptions(args: readonly string[]): CheckpointOptions {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      shard: { type: 'string', multiple: true },
      at: { type: 'string' },
      yes: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return { help: true }
  const [action, ...rest] = positionals
  const { shard: shards = [] } = values
  const at = action === 'reset' && values.at === undefined ? 'TRIM_HORIZON' : toCheckpoint(values.at ?? '')
  const faults: string[] = []
  if ((action !== 'set' && action !== 'reset') || rest.length > 0) {
    faults.push(`got "${positionals.join(' ')}", expected set or reset`)
  }
  if (shards.length === 0) faults.push('--shard is missing: which one? (npm run shards lists them)')
  if (action === 'reset' && values.at !== undefined)
    faults.push('--at goes with set; reset is always TRIM_HORIZON')
  if (at === undefined) {
    faults.push(
      `--at: got "${values.at ?? ''}", expected a sequence number, TRIM_HORIZON, LATEST, SHARD_END or a time such as 2026-01-31T12:00:00Z`,
    )
  }
  if (values.yes === true && values['dry-run'] === true)
    faults.push('--yes and --dry-run contradict each other')
  if (faults.length > 0 || at === undefined) throw new RoadpulseError('CONFIGURATION', faults.join('; '))
  return { help: false, shards, at, isSure: values.yes === true }
}

function toCheckpoint(text: string): Checkpoint | undefined {
  if (['TRIM_HORIZON', 'LATEST', SHARD_END].includes(text) || parsePosition(text) !== undefined) return text
  if (/^(AT_TIMESTAMP|LATEST):\d{1,15}$/.test(text)) return text
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : `AT_TIMESTAMP:${time}`
}
