import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LOCAL_AWS } from '../deploy/local/stack-options.ts'

const FOLDER = fileURLToPath(new URL('../flink-job/', import.meta.url))
const CLASS_PATH = 'target/bench-classpath.txt'
const MAX_OUTPUT_BYTES = 64 * 1_048_576

const run = promisify(execFile)

/** Compiles the benches of the Flink job, which stand among its tests. */
export async function compileJavaBenches(): Promise<void> {
  const goals = ['test-compile', 'dependency:build-classpath', '-DincludeScope=test']
  const output = `-Dmdep.outputFile=${CLASS_PATH}`
  await run('mvn', ['-q', '-B', '-ntp', ...goals, output, '-Dmdep.regenerateFile=true'], { cwd: FOLDER })
}

/** Runs a bench in a JVM of its own, with the flags of the local stack; its last line is JSON. */
export async function runJavaBench(
  mainClass: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Record<string, number>> {
  const output = await runJavaClass(mainClass, args, flags)
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Record<string, number>
}

/** Runs any of the programs among the tests of the Flink job, and gives what it has printed. */
export async function runJavaClass(
  mainClass: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<string> {
  const libraries = readFileSync(`${FOLDER}${CLASS_PATH}`, 'utf8').trim()
  const classPath = `target/test-classes:target/classes:${libraries}`
  const { stdout } = await run(
    'java',
    ['@local.jvm-options', ...flags, '-cp', classPath, mainClass, ...args],
    { cwd: FOLDER, env: { ...process.env, ...LOCAL_AWS }, maxBuffer: MAX_OUTPUT_BYTES },
  )
  return stdout
}
