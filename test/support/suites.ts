/** A suite: one command and how its results are counted. */
export type Suite = {
  name: string
  command: readonly [string, ...string[]]
  /** `exit`: the command is one test. `tap`: the titles of its TAP output. `surefire`: Maven's reports in that folder. */
  count: 'exit' | 'tap' | { surefire: string }
}

const tap = (name: string, jobs: number, timeoutSeconds: number, ...paths: string[]): Suite => ({
  name,
  command: ['tap', 'run', '--reporter=min', `--jobs=${jobs}`, `--timeout=${timeoutSeconds}`, ...paths],
  count: 'tap',
})

/** A process for each core. */
const UNIT = tap('unit', 2, 60, 'test/support/unit-tests-of-http.ts', 'test/support/unit-tests-of-others.ts')

/** The vectors beside the repository, or those in the folder that the environment variable VECTORS names. */
const VECTORS = tap('vectors', 1, 30, 'test/vectors')

/** The Flink job's share of them: one of the tests that `verify` runs, alone, so that it is counted once in each tier. */
const FLINK_VECTORS: Suite = {
  name: 'flink job vectors',
  command: [
    'mvn',
    '-q',
    '-B',
    '-f',
    'flink-job/pom.xml',
    'test',
    '-Dtest=ShardLineageVectorsTest',
    '-Dtest.reports=target/vectors-reports',
  ],
  count: { surefire: 'flink-job/target/vectors-reports' },
}

const TOOLS: Suite = { name: 'tools', command: ['node', 'test/support/fetch-tools.ts'], count: 'exit' }

const flinkJob = (name: string, build: string, ...options: string[]): Suite => ({
  name,
  command: ['mvn', '-q', '-B', '-f', 'flink-job/pom.xml', 'verify', `-Dbuild.folder=${build}`, ...options],
  count: { surefire: `flink-job/${build}/surefire-reports` },
})

/** The two tiers. What is cheapest to fail comes first. */
export const TIERS = {
  unit: [UNIT],
  vectors: [VECTORS, FLINK_VECTORS],
  fast: [
    { name: 'types', command: ['tsc', '--noEmit'], count: 'exit' },
    { name: 'format', command: ['biome', 'check', '.'], count: 'exit' },
    { name: 'lint', command: ['oxlint', '--type-aware', '.'], count: 'exit' },
    UNIT,
    tap('simulation', 1, 180, 'test/simulation/simulation.test.ts'),
    VECTORS,
    flinkJob('flink job', 'target'),
    TOOLS,
    tap('integration', 3, 240, 'test/integration'),
    // Two at a time: a pipeline mostly waits for windows to close and for parts to come back.
    tap('whole pipeline', 2, 600, 'test/faults', 'test/e2e'),
  ],
  long: [
    TOOLS,
    tap('long', 2, 1_200, 'test/long'),
    flinkJob('flink job, long', 'target/long', '-Dgroups=long', '-Dexcluded.groups='),
    flinkJob('flink job, next version', 'target/next-version', '-Dflink.version=2.3.0'),
  ],
} as const satisfies Record<string, readonly Suite[]>

export type Tier = keyof typeof TIERS
