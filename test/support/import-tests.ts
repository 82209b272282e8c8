import { globSync } from 'node:fs'

const UNIT_TESTS = 'test/{api,lib,workers,deploy,grafana-dashboards,tools}/**/*.test.ts'
/** What asks the app by HTTP: half of the time, so that there is a process for it. */
const HTTP_TESTS = ['test/api/*.test.ts', 'test/api/{access,plugins,routes}/**/*.test.ts']

/**
 * Runs the unit tests of one of two halves in this process: in processes of their own, starting and loading the same
 * modules again and again takes three times as long as the tests.
 */
export async function importTests(half: { of: 'http' | 'others' }): Promise<void> {
  const ofHttp = new Set(globSync(HTTP_TESTS))
  const files = globSync(UNIT_TESTS).filter((file) => ofHttp.has(file) === (half.of === 'http'))
  for (const file of files.toSorted()) await import(`../../${file}`)
}
