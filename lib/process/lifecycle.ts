import type { Static } from 'typebox'
import { describeError, hasCode } from '../errors.ts'
import { createLog, type Log } from './log.ts'
import { describeOptions, maskOptions, type OptionsSchema, readOptions } from './read-options.ts'

export const EXIT_CLEAN = 0
export const EXIT_FATAL = 1
export const EXIT_CONFIGURATION = 2

/** Below the 30 s after which ECS kills a task that was asked to stop. */
export const STOP_DEADLINE_MS = 25_000

export type ProcessContext<Options> = {
  options: Options
  log: Log
  /** Aborts when the process has been asked to stop. */
  signal: AbortSignal
}

/** A started process. `done` settles when it has ended by itself: it rejects when that is a failure. */
export type RunningProcess = {
  stop(): Promise<void>
  done: Promise<void>
}

export type ProcessDefinition<T extends OptionsSchema> = {
  name: string
  /** One sentence for `--help`. */
  summary: string
  /** What else its command line takes, for `--help`. */
  usage?: string
  options: T
  start(
    context: ProcessContext<Static<T> & { LOG_LEVEL: string; WORKER_ID: string }>,
  ): Promise<RunningProcess>
}

/**
 * What every `main.ts` does: reads the options, starts, and stops in order on SIGTERM or SIGINT. Exit codes: 0 clean,
 * 1 fatal, 2 configuration. A second signal, or a stop that takes longer than 25 s, exits at once.
 */
export async function runProcess<T extends OptionsSchema>(definition: ProcessDefinition<T>): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(
      `${definition.name}: ${definition.summary}\n\n${definition.usage ?? ''}Environment:\n${describeOptions(definition.options)}`,
    )
    return
  }
  const options = readOptionsOrExit(definition)
  const log = createLog({ name: definition.name, level: options.LOG_LEVEL, workerId: options.WORKER_ID })
  const abort = new AbortController()
  const stopRequested = onStopSignal(log, abort)
  process.once('unhandledRejection', (error) => exitFatally(log, error))
  process.once('uncaughtException', (error) => exitFatally(log, error))
  try {
    log.info({ options: maskOptions(definition.options, options) }, 'starting')
    const running = await definition.start({ options, log, signal: abort.signal })
    log.info('running')
    await Promise.race([stopRequested, running.done])
    abort.abort()
    const deadline = setTimeout(() => exitFatally(log, new Error('the stop took too long')), STOP_DEADLINE_MS)
    await running.stop()
    clearTimeout(deadline)
    log.info('stopped')
    process.exitCode = EXIT_CLEAN
    process.exit()
  } catch (error) {
    if (hasCode(error, 'CONFIGURATION')) exitMisconfigured(definition.name, error)
    exitFatally(log, error)
  }
}

function readOptionsOrExit<T extends OptionsSchema>(
  definition: ProcessDefinition<T>,
): Static<T> & { LOG_LEVEL: string; WORKER_ID: string } {
  try {
    // oxlint-disable-next-line node/no-process-env -- the one place that reads it
    return readOptions(definition.options, process.env) as Static<T> & {
      LOG_LEVEL: string
      WORKER_ID: string
    }
  } catch (error) {
    return exitMisconfigured(definition.name, error)
  }
}

/** Resolves at the first signal; the second one exits at once. */
function onStopSignal(log: Log, abort: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (name: NodeJS.Signals) => {
      if (abort.signal.aborted) process.exit(EXIT_FATAL)
      log.info({ signal: name }, 'stop requested')
      abort.abort()
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}

function exitMisconfigured(name: string, error: unknown): never {
  process.stderr.write(`${name}: ${describeError(error)}\n`)
  process.exit(EXIT_CONFIGURATION)
}

function exitFatally(log: Log, error: unknown): never {
  log.fatal({ error }, 'failed')
  process.exit(EXIT_FATAL)
}
