import { RoadpulseError } from '../../lib/errors.ts'
import type { Environment } from '../../lib/process/read-options.ts'
import { parseArguments } from '../operate/parse-arguments.ts'
import { projectFaults } from './project.ts'

export type TeardownOptions = {
  project: string
  /** Also streams, buckets, images, logs and snapshots. */
  withData: boolean
  isDryRun: boolean
  isSure: boolean
  endpoint: string | undefined
}

/** Reads the command line. Throws one `CONFIGURATION` error that names every fault; nothing for `--help`. */
export function readTeardownOptions(
  args: readonly string[],
  environment: Environment,
): TeardownOptions | undefined {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      project: { type: 'string' },
      'with-data': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      yes: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return undefined
  const { project = 'roadpulse' } = values
  const faults = positionals.map((word) => `"${word}" is not understood`)
  faults.push(...projectFaults(project))
  if (values.yes === true && values['dry-run'] === true)
    faults.push('--yes and --dry-run contradict each other')
  if (faults.length > 0) throw new RoadpulseError('CONFIGURATION', faults.join('; '))
  return {
    project,
    withData: values['with-data'] === true,
    isDryRun: values['dry-run'] === true,
    isSure: values.yes === true,
    endpoint: environment.AWS_ENDPOINT_URL === '' ? undefined : environment.AWS_ENDPOINT_URL,
  }
}
