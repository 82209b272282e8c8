import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { addResults, NO_RESULTS, type Results, readSurefire, readTap } from './read-results.ts'
import { type Suite, TIERS, type Tier } from './suites.ts'

const RESULTS_FOLDER = '.roadpulse/test-results'

/** Runs the suites of one tier one after another, all of them even when one is red, and adds up what they counted. */
async function runTier(tier: Tier): Promise<number> {
  mkdirSync(RESULTS_FOLDER, { recursive: true })
  let total = NO_RESULTS
  for (const suite of TIERS[tier]) {
    const startedAt = performance.now()
    console.log(`\n=== ${suite.name}: ${suite.command.join(' ')}`)
    const results = await runSuite(suite)
    // What tap's reporter would say is not said where its results go into a file.
    if (suite.count === 'tap') for (const failure of results.failures) console.log(`\nnot ok: ${failure}`)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    console.log(`=== ${suite.name}: ${describeCounts(results)} in ${seconds} s`)
    total = addResults(total, results)
  }
  writeFileSync(`${RESULTS_FOLDER}/${tier}.json`, JSON.stringify(total))
  printSum(total)
  return total.failed === 0 ? 0 : 1
}

async function runSuite(suite: Suite): Promise<Results> {
  const output = `${RESULTS_FOLDER}/${suite.name.replaceAll(' ', '-')}.tap`
  const [program, ...args] = suite.command
  if (suite.count === 'tap') args.push(`--output-file=${output}`)
  rmSync(output, { force: true })
  if (typeof suite.count === 'object') rmSync(suite.count.surefire, { recursive: true, force: true })
  const exitCode = await run(program, args)
  const results =
    suite.count === 'exit'
      ? { ...NO_RESULTS, passed: exitCode === 0 ? 1 : 0 }
      : suite.count === 'tap'
        ? readTap(existsSync(output) ? readFileSync(output, 'utf8') : '')
        : readSurefire(
            globSync(`${suite.count.surefire}/TEST-*.xml`).map((file) => readFileSync(file, 'utf8')),
          )
  // A command that failed without a red test (a crash, a missing tool, nothing run) is a failure all the same.
  if (results.failed === 0 && (exitCode !== 0 || results.passed + results.skipped === 0)) {
    const failure = `${suite.command.join(' ')}: ended with ${exitCode}, without a red test`
    return addResults(results, { ...NO_RESULTS, failed: 1, failures: [failure] })
  }
  return results
}

/** Each failed test by its name, which its suite has told more about, and the sums as the last line. */
function printSum(total: Results): void {
  console.log()
  for (const failure of total.failures) console.log(`failed: ${failure.split('\n', 1)[0]}`)
  console.log(describeCounts(total))
}

function describeCounts({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function run(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' })
    child.once('error', (error) => {
      console.error(`${program} cannot be started: ${error.message}`)
      resolve(127)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** The sums over the tiers that `.ci/run` ran: its last line, and before it each failed test by its name. */
function sumTiers(tiers: readonly Tier[]): number {
  let total = NO_RESULTS
  for (const tier of tiers) {
    const file = `${RESULTS_FOLDER}/${tier}.json`
    total = addResults(
      total,
      existsSync(file)
        ? (JSON.parse(readFileSync(file, 'utf8')) as Results)
        : { ...NO_RESULTS, failed: 1, failures: [`${tier}: it left no results`] },
    )
  }
  printSum(total)
  return total.failed === 0 ? 0 : 1
}

if (import.meta.main) {
  const [first, ...rest] = process.argv.slice(2)
  if (first === 'sum') process.exitCode = sumTiers(rest as Tier[])
  else if (first !== undefined && first in TIERS) process.exitCode = await runTier(first as Tier)
  else {
    console.error(`run-suites: got "${first ?? ''}", expected one of ${Object.keys(TIERS).join(', ')}, sum`)
    process.exitCode = 2
  }
}
