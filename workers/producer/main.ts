import { describeError, hasCode } from '../../lib/errors.ts'
import { EXIT_CONFIGURATION, EXIT_FATAL, runProcess } from '../../lib/process/lifecycle.ts'
import { type OnceRequest, readCommandLine, USAGE } from './command-line.ts'
import { runDry, startOnce } from './once.ts'
import { producerOptions } from './options.ts'
import { startProducer } from './producer.ts'

try {
  const once = readCommandLine(process.argv.slice(2))
  // oxlint-disable-next-line node/no-process-env -- a dry run needs no more of it than where a file is
  if (once?.isDryRun === true) await runDry(once, process.env)
  else await run(once)
} catch (error) {
  process.stderr.write(`producer: ${describeError(error)}\n`)
  process.exitCode = hasCode(error, 'CONFIGURATION') ? EXIT_CONFIGURATION : EXIT_FATAL
}

function run(once: OnceRequest | undefined): Promise<void> {
  return runProcess({
    name: 'producer',
    summary: 'replays CSVs from S3 into the stream of raw events',
    usage: USAGE,
    options: producerOptions,
    start: (context) => (once === undefined ? startProducer(context) : startOnce(context, once)),
  })
}
