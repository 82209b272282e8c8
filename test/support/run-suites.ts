import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type Suite, TIERS, type Tier } from './suites.ts'

const RESULTS_FOLDER = '.roadpulse/test-results'

export type Counts = { passed: number; failed: number; skipped: number }

/** Runs the suites of one tier one after another, all of them even when one is red, and adds up what they counted. */
async function runTier(tier: Tier): Promise<number> {
  mkdirSync(RESULTS_FOLDER, { recursive: true })
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const suite of TIERS[tier]) {
    const startedAt = performance.now()
    console.log(`\n=== ${suite.name}: ${suite.command.join(' ')}`)
    const counts = await runSuite(suite)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    console.log(`=== ${suite.name}: ${describeCounts(counts)} in ${seconds} s`)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
  }
  writeFileSync(`${RESULTS_FOLDER}/${tier}.json`, JSON.stringify(total))
  console.log(`\n${describeCounts(total)}`)
  return total.failed === 0 ? 0 : 1
}

async function runSuite(suite: Suite): Promise<Counts> {
  const output = `${RESULTS_FOLDER}/${suite.name.replaceAll(' ', '-')}.tap`
  const [program, ...args] = suite.command
  if (suite.count === 'tap') args.push(`--output-file=${output}`)
  rmSync(output, { force: true })
  if (typeof suite.count === 'object') rmSync(suite.count.surefire, { recursive: true, force: true })
  const exitCode = await run(program, args)
  const counts =
    suite.count === 'exit'
      ? { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 }
      : suite.count === 'tap'
        ? countTap(existsSync(output) ? readFileSync(output, 'utf8') : '')
        : countSurefire(
            globSync(`${suite.count.surefire}/TEST-*.xml`).map((file) => readFileSync(file, 'utf8')),
          )
  // A command that failed without a red test (a crash, a missing tool, nothing run) is a failure all the same.
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed + counts.skipped === 0)) counts.failed = 1
  return counts
}

/** Counts the tests of TAP 14: a file is a point at the left margin, each of its tests one indented by four. */
export function countTap(text: string): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  let testsOfFile = 0
  let failedOfFile = 0
  for (const line of text.split('\n')) {
    const point = /^( {4})?(not )?ok \d+(.*)$/.exec(line)
    if (point === null) continue
    const [, indent, not, rest] = point
    if (indent === undefined) {
      // A file that failed although its tests did not: it crashed, or timed out.
      if (not !== undefined && failedOfFile === 0) counts.failed++
      else if (testsOfFile === 0) counts[/# SKIP/i.test(rest ?? '') ? 'skipped' : 'passed']++
      testsOfFile = 0
      failedOfFile = 0
      continue
    }
    testsOfFile++
    if (/# SKIP/i.test(rest ?? '')) counts.skipped++
    else if (not === undefined) counts.passed++
    else {
      counts.failed++
      failedOfFile++
    }
  }
  return counts
}

/** Adds up the attributes of Surefire's `<testsuite>` elements. */
export function countSurefire(reports: readonly string[]): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    const suite = /<testsuite\b[^>]*>/.exec(report)?.[0] ?? ''
    const attribute = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
    const failed = attribute('failures') + attribute('errors')
    const skipped = attribute('skipped')
    counts.failed += failed
    counts.skipped += skipped
    counts.passed += attribute('tests') - failed - skipped
  }
  return counts
}

export function describeCounts(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`
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

/** The sums over the tiers that `.ci/run` ran: its last line. */
function sumTiers(tiers: readonly string[]): number {
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const tier of tiers) {
    const file = `${RESULTS_FOLDER}/${tier}.json`
    const counts: Counts = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Counts)
      : { passed: 0, failed: 1, skipped: 0 }
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
  }
  console.log(describeCounts(total))
  return total.failed === 0 ? 0 : 1
}

if (import.meta.main) {
  const [first, ...rest] = process.argv.slice(2)
  if (first === 'sum') process.exitCode = sumTiers(rest)
  else if (first !== undefined && first in TIERS) process.exitCode = await runTier(first as Tier)
  else {
    console.error(`run-suites: got "${first ?? ''}", expected one of ${Object.keys(TIERS).join(', ')}, sum`)
    process.exitCode = 2
  }
}
