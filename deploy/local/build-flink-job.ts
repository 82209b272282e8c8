import { closeSync, globSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { RoadpulseError } from '../../lib/errors.ts'
import type { Tools } from './tools.ts'

const FOLDER = fileURLToPath(new URL('../../flink-job/', import.meta.url))
const PRODUCTS = ['target/flink-job.jar', 'target/classpath.txt']
const SOURCES = ['pom.xml', 'src/main/**/*', '../lib/rules/*.json']
const LOG_TAIL_LINES = 15

/** Builds the Flink job with Maven when it is not there or older than its sources. The first time fetches Flink. */
export async function buildFlinkJob(options: {
  logFolder: string
  onProgress: (message: string) => void
  tools: Tools
}): Promise<void> {
  if (isCurrent()) return
  options.onProgress('building the Flink job with Maven (the first time it fetches about 200 MB)')
  mkdirSync(options.logFolder, { recursive: true })
  const logFile = `${options.logFolder}/maven.log`
  rmSync(logFile, { force: true })
  const log = openSync(logFile, 'a')
  const args = ['-B', '-ntp', '-f', `${FOLDER}pom.xml`, 'package', '-DskipTests', '-Dspotless.check.skip']
  const { code } = await options.tools.run('mvn', args, log)
  closeSync(log)
  if (code === 0) return
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n  ')
  throw new RoadpulseError('PART_FAILED', `the Flink job cannot be built; the end of ${logFile}:\n  ${tail}`)
}

function isCurrent(): boolean {
  const built = PRODUCTS.map((file) => statSync(`${FOLDER}${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  const changed = globSync(SOURCES, { cwd: FOLDER }).map((file) => statSync(`${FOLDER}${file}`).mtimeMs)
  return Math.min(...built) > Math.max(...changed)
}
