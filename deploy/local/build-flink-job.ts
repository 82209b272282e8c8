import { closeSync, globSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RoadpulseError } from '../../lib/errors.ts'
import { CLASS_ARCHIVE } from './parts/flink.ts'
import type { Tools } from './tools.ts'
import { writeClassArchive } from './write-class-archive.ts'

const FOLDER = fileURLToPath(new URL('../../flink-job/', import.meta.url))
const PRODUCTS = ['target/flink-job.jar', 'target/classpath.txt']
const SOURCES = ['pom.xml', 'src/main/**/*', '../lib/rules/*.json']
const LOG_TAIL_LINES = 15

type BuildOptions = { logFolder: string; onProgress: (message: string) => void; tools: Tools }

/**
 * Builds the Flink job with Maven when it is not there or older than its sources, and what makes its starts fast. The
 * first time fetches Flink.
 */
export async function buildFlinkJob(options: BuildOptions): Promise<void> {
  await packageFlinkJob(options)
  if (isCurrent([CLASS_ARCHIVE], PRODUCTS)) return
  options.onProgress('running the Flink job once, so that it starts faster from now on')
  rmSync(CLASS_ARCHIVE, { force: true })
  const log = openLog(`${options.logFolder}/class-archive.log`)
  await writeClassArchive(options.tools, log)
  closeSync(log)
}

/** Builds the jar alone, which is what AWS gets, and returns its file. */
export async function packageFlinkJob(options: BuildOptions): Promise<string> {
  if (!isCurrent(PRODUCTS, SOURCES)) await runMaven(options)
  return `${FOLDER}target/flink-job.jar`
}

async function runMaven(options: BuildOptions): Promise<void> {
  options.onProgress('building the Flink job with Maven (the first time it fetches about 200 MB)')
  const logFile = `${options.logFolder}/maven.log`
  const log = openLog(logFile)
  const args = ['-B', '-ntp', '-f', `${FOLDER}pom.xml`, 'package', '-DskipTests', '-Dspotless.check.skip']
  const { code } = await options.tools.run('mvn', args, log)
  closeSync(log)
  if (code === 0) return
  const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n  ')
  throw new RoadpulseError('PART_FAILED', `the Flink job cannot be built; the end of ${logFile}:\n  ${tail}`)
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  return openSync(file, 'a')
}

/** Whether all products are there and newer than each of what they are made from. */
function isCurrent(products: readonly string[], sources: readonly string[]): boolean {
  const built = products.map(
    (file) => statSync(resolve(FOLDER, file), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  const changed = globSync(sources, { cwd: FOLDER }).map((file) => statSync(resolve(FOLDER, file)).mtimeMs)
  return Math.min(...built) > Math.max(...changed)
}
