import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { describeError, hasCode, RoadpulseError } from '../../lib/errors.ts'
import { EXIT_CLEAN, EXIT_CONFIGURATION, EXIT_FATAL } from '../../lib/process/lifecycle.ts'
import { uploadSource } from '../../lib/sources/upload-source.ts'
import { buildFlinkJob } from './build-flink-job.ts'
import { checkCsv } from './check-csv.ts'
import { DEMO_HELP, type DemoOptions, readDemoOptions } from './demo-options.ts'
import { findMonitoring } from './find-monitoring.ts'
import { readFlowLine } from './flow-line.ts'
import { generatedSource } from './generated-source.ts'
import { openBrowser } from './open-browser.ts'
import { checkPrerequisites } from './prerequisites.ts'
import { createStack, type Stack } from './stack.ts'
import { DEFAULT_STACK, LOCAL_AWS } from './stack-options.ts'
import { type Pages, startMonitoring } from './start-monitoring.ts'

const PROJECT_FOLDER = fileURLToPath(new URL('../../.roadpulse', import.meta.url))
/** What other runs share whatever their state: it is only fetched or generated again. */
const VENV_FOLDER = `${PROJECT_FOLDER}/venv`
const SOURCE_FOLDER = `${PROJECT_FOLDER}/source`
const PROMETHEUS_FOLDER = `${PROJECT_FOLDER}/tools/prometheus`
/** What `--fresh` clears. */
const STATE_FOLDERS = ['redis', 'kinesis', 'ministack', 'flink', 'prometheus', 'grafana', 'logs']
const GENERATED_ROWS = 60_000
const GENERATED_LATENESS = { LIVE_LATENESS_SHARE: '0.01', LIVE_LATENESS_MAX_SECONDS: '120' }
const FLOW_INTERVAL_MS = 2_000
const PROGRESS_STEP = 0.1

const startedAt = performance.now()
const say = (message: string) =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${message}`)

process.exitCode = await main()
process.exit()

async function main(): Promise<number> {
  let stack: Stack | undefined
  const stopped = stopSignal()
  try {
    const options = readDemoOptions(process.argv.slice(2))
    if (options.help) {
      process.stdout.write(DEMO_HELP)
      return EXIT_CLEAN
    }
    if (options.csv !== undefined) checkCsv(options.csv)
    await checkPrerequisites(process.env)
    const folder = resolve(options.state ?? PROJECT_FOLDER)
    stack = await createDemoStack(options, folder)
    const up = start(stack, options, folder)
    await Promise.race([up, stopped])
    await Promise.race([up.then((pages) => showFlow(stack as Stack, options, pages)), stopped])
    return EXIT_CLEAN
  } catch (error) {
    console.error(`demo: ${describeError(error)}`)
    return isConfiguration(error) ? EXIT_CONFIGURATION : EXIT_FATAL
  } finally {
    if (stack !== undefined) {
      say('stopping')
      await stack.stop()
      say('stopped')
    }
  }
}

async function createDemoStack(options: DemoOptions, folder: string): Promise<Stack> {
  if (options.fresh) {
    for (const name of STATE_FOLDERS) rmSync(`${folder}/${name}`, { recursive: true, force: true })
  }
  // The SDK's clients in this process show the same credentials as those of the parts.
  Object.assign(process.env, LOCAL_AWS)
  const isGenerated = options.csv === undefined
  return createStack(
    {
      ...DEFAULT_STACK,
      folder,
      venvFolder: VENV_FOLDER,
      host: process.env,
      live: {
        LIVE_RATE: `${options.rate}`,
        LIVE_REPEAT: `${isGenerated}`,
        ...(isGenerated ? GENERATED_LATENESS : {}),
        ...(isGenerated || options.rows === undefined ? {} : { LIVE_ROWS: `${options.rows}` }),
      },
    },
    {
      onNotice: say,
      onState(part, state) {
        if (state === 'starting' || state === 'running') say(`${part.part.name.padEnd(10)} ${state}`)
      },
      onDeath: (part, how, restartInMs) =>
        say(
          `${part.part.name.padEnd(10)} ended (${how}), starts again in ${restartInMs / 1_000} s: ${part.logFile}`,
        ),
    },
  )
}

/** Starts all parts, and tells which pages there are beside the api's. */
async function start(stack: Stack, options: DemoOptions, folder: string): Promise<Pages> {
  const [data, file] = await Promise.all([
    stack.startData(),
    options.csv ??
      generatedSource({
        folder: SOURCE_FOLDER,
        rows: options.rows ?? GENERATED_ROWS,
        rate: options.rate,
        onProgress: say,
      }),
    buildFlinkJob({ logFolder: `${folder}/logs`, onProgress: say, tools: stack.tools }),
  ])
  const s3 = createS3Client(stack.addresses.aws)
  const source = await uploadSource({ s3, bucket: data.SourceBucketName, file, onProgress: uploadProgress() })
  s3.destroy()
  say(`source     ${source}`)
  await stack.startStreaming(source)
  const monitoring = options.grafana
    ? findMonitoring({ path: process.env.PATH ?? '', folder: PROMETHEUS_FOLDER, onNotice: say })
    : undefined
  return monitoring === undefined ? {} : startMonitoring(stack, { folder, monitoring, onNotice: say })
}

async function showFlow(stack: Stack, options: DemoOptions, pages: Pages): Promise<never> {
  const links = Object.entries({ 'The page': stack.addresses.api, ...pages })
  console.log(`\n${links.map(([name, link]) => `  ${name}: ${link}\n`).join('')}  Ctrl-C stops all of it.\n`)
  if (options.open && process.stdout.isTTY && process.env.CI === undefined) openBrowser(stack.addresses.api)
  while (true) {
    await delay(FLOW_INTERVAL_MS)
    say(
      await readFlowLine(stack.addresses.api).catch(
        (error: unknown) => `the api does not answer: ${describeError(error)}`,
      ),
    )
  }
}

/** Says every tenth of a large upload. */
function uploadProgress(): (sent: number, total: number) => void {
  let said = 0
  return (sent, total) => {
    const share = sent / total
    if (share - said < PROGRESS_STEP) return
    said = share
    say(`uploading  ${Math.round(share * 100)}% of ${(total / 1_048_576).toFixed(1)} MiB`)
  }
}

/** Resolves at the first signal; a second one ends this process at once, and the reaper ends the parts. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = () => {
      if (asked) process.exit(EXIT_FATAL)
      asked = true
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

/** What the person has to mend before it can start at all. */
function isConfiguration(error: unknown): boolean {
  return (
    hasCode(error, 'CONFIGURATION') ||
    hasCode(error, 'PREREQUISITE_MISSING') ||
    (error instanceof RoadpulseError && error.code.startsWith('SOURCE_'))
  )
}
