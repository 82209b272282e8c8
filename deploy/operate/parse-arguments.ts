import { type ParseArgsConfig, parseArgs } from 'node:util'
import { describeError, RoadpulseError } from '../../lib/errors.ts'

/** Node's `parseArgs`, whose complaints become `CONFIGURATION`. */
export function parseArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    throw new RoadpulseError('CONFIGURATION', `${describeError(error)}; see --help`)
  }
}
