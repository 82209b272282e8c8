import { parseArgs } from 'node:util'
import { describeError, RoadpulseError } from '../../lib/errors.ts'
import type { Pace } from '../../lib/feeds/feed.ts'
import { type Filter, faultsOfFilter } from '../../lib/feeds/filter.ts'

export const USAGE = `npm run producer -- [--once FILE [options]]

Without --once it executes feeds until it is stopped. With it:

  --once FILE     send one CSV, as a replay, and end with it: a file, plain or gzipped, or s3://bucket/key
  --dry-run       with --once: read it and report, send nothing; needs neither Redis nor Kinesis
  --pace PACE     rows per second, max (the default), or 60x: 60 times as fast as the accidents happened
  --filter JSON   only accidents that fit: {"from", "to", "states", "severities", "ids", "box"}
  --name NAME     what people call the replay

`

/** What somebody wants to be done once. */
export type OnceRequest = { file: string; isDryRun: boolean; pace: Pace; filter?: Filter; name?: string }

const OPTIONS = {
  once: { type: 'string' },
  'dry-run': { type: 'boolean' },
  pace: { type: 'string' },
  filter: { type: 'string' },
  name: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** The command line; undefined when it asks for nothing but the process. Throws `CONFIGURATION` with all that is wrong. */
export function readCommandLine(args: string[]): OnceRequest | undefined {
  const { once, pace, filter, name, 'dry-run': isDryRun = false } = parse(args)
  const faults: string[] = []
  const readPaceHere = (text: string) => {
    const read = readPace(text)
    if (read === undefined) faults.push(`--pace: got ${text}, expected rows per second, max, or 60x`)
    return read
  }
  const request = {
    file: once ?? '',
    isDryRun,
    pace: readPaceHere(pace ?? 'max') ?? { kind: 'max' as const },
    ...(filter === undefined ? {} : { filter: readFilter(filter, faults) }),
    ...(name === undefined ? {} : { name }),
  }
  if (once === undefined && [pace, filter, name].some((value) => value !== undefined)) {
    faults.push('--pace, --filter and --name only go with --once FILE')
  }
  if (once === undefined && isDryRun) faults.push('--dry-run only goes with --once FILE')
  if (once === '') faults.push('--once: expected a file or s3://bucket/key')
  if (faults.length > 0) throw wrong(faults)
  return once === undefined ? undefined : request
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw wrong([describeError(error)])
  }
}

function readPace(text: string): Pace | undefined {
  if (text === 'max') return { kind: 'max' }
  const [, number, isSpeed] = /^(\d+(?:\.\d+)?)(x?)$/.exec(text) ?? []
  const value = Number(number)
  if (!(value > 0)) return undefined
  return isSpeed === 'x' ? { kind: 'speed', factor: value } : { kind: 'rate', rowsPerSecond: value }
}

function readFilter(text: string, faults: string[]): Filter {
  let filter: unknown
  try {
    filter = JSON.parse(text)
  } catch (error) {
    faults.push(`--filter: got ${text}, expected JSON (${describeError(error)})`)
    return {}
  }
  faults.push(...faultsOfFilter(filter).map(({ field, message }) => `--filter: ${field} ${message}`))
  return filter as Filter
}

const wrong = (faults: readonly string[]) =>
  new RoadpulseError('CONFIGURATION', `${faults.join('; ')} (--help shows what there is)`)
