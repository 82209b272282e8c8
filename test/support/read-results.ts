import { Parser, type Result } from 'tap-parser'

/** What a suite's report holds: the tests by how they ended, and of each failure its name, in the lines after it what was said. */
export type Results = { passed: number; failed: number; skipped: number; failures: string[] }

export const NO_RESULTS: Results = { passed: 0, failed: 0, skipped: 0, failures: [] }

export function addResults(a: Results, b: Results): Results {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  }
}

/** Reads TAP 14 as node-tap writes it: a point of the outermost level is a file, each point of its subtest a test. */
export function readTap(text: string): Results {
  const results = addResults(NO_RESULTS, NO_RESULTS)
  let ofFile = addResults(NO_RESULTS, NO_RESULTS)
  const parser = new Parser()
  parser.on('child', (file: Parser) => {
    ofFile = readTestsOfFile(file)
  })
  parser.on('assert', (point: Result) => {
    if (ofFile.passed + ofFile.failed + ofFile.skipped === 0 && point.ok) {
      if (point.skip === false) ofFile.passed++
      else ofFile.skipped++
    }
    // A file that failed although its tests did not: it crashed, or timed out.
    if (!point.ok && ofFile.failed === 0) {
      ofFile.failed++
      ofFile.failures.push(describeFailure(point))
    }
    Object.assign(results, addResults(results, ofFile))
    ofFile = addResults(NO_RESULTS, NO_RESULTS)
  })
  parser.end(text)
  return results
}

/** The counts fill up while the parser goes on. */
function readTestsOfFile(file: Parser): Results {
  const results = addResults(NO_RESULTS, NO_RESULTS)
  file.on('assert', (point: Result) => {
    if (!point.ok) results.failed++
    else if (point.skip === false) results.passed++
    else results.skipped++
  })
  listFailures(file, results.failures)
  return results
}

/** Of a failed test only its failed assertions are listed, and the test itself where it has none (it threw, or ran out of time). */
function listFailures(parser: Parser, failures: string[]): void {
  let listedBefore = 0
  parser.on('child', (subtest: Parser) => {
    listedBefore = failures.length
    listFailures(subtest, failures)
  })
  parser.on('assert', (point: Result) => {
    if (!point.ok && failures.length === listedBefore) failures.push(describeFailure(point))
    listedBefore = failures.length
  })
}

function describeFailure({ fullname, diag }: Result): string {
  const details = Object.entries((diag ?? {}) as Record<string, unknown>).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [fullname, ...details].join('\n')
}

/** Reads the reports of Maven's Surefire, one XML text a class. */
export function readSurefire(reports: readonly string[]): Results {
  let results = NO_RESULTS
  for (const report of reports) {
    const suite = /<testsuite\b[^>]*>/.exec(report)?.[0] ?? ''
    const count = (name: string) => Number(attribute(suite, name) ?? 0)
    const failed = count('failures') + count('errors')
    const skipped = count('skipped')
    const passed = count('tests') - failed - skipped
    results = addResults(results, { passed, failed, skipped, failures: failedCases(report) })
  }
  return results
}

function failedCases(report: string): string[] {
  const cases = report.matchAll(/<testcase\b([^>]*[^/])>([\s\S]*?)<\/testcase>/g)
  return [...cases].flatMap(([, head = '', body = '']) => {
    if (!/<(?:failure|error)\b/.test(body)) return []
    return [`${attribute(head, 'classname')} > ${attribute(head, 'name')}`]
  })
}

function attribute(element: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(element)?.[1]
}
