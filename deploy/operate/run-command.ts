import { describeError, hasCode } from '../../lib/errors.ts'
import { EXIT_CLEAN, EXIT_CONFIGURATION, EXIT_FATAL } from '../../lib/process/lifecycle.ts'

/** Runs a command to its end. What is wrong is one line and the exit code: 2 for what the person has to mend. */
export async function runCommand(name: string, command: () => Promise<void>): Promise<never> {
  try {
    await command()
    process.exit(EXIT_CLEAN)
  } catch (error) {
    console.error(`${name}: ${describeError(error)}`)
    const isToMend = hasCode(error, 'CONFIGURATION') || hasCode(error, 'PREREQUISITE_MISSING')
    process.exit(isToMend ? EXIT_CONFIGURATION : EXIT_FATAL)
  }
}
