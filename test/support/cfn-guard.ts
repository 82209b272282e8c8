import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ResolvedTemplate } from '../../deploy/templates/resolve.ts'

/** Carries cfn-guard 3.1.1 for Linux and macOS, and the 237 rules of Control Tower. */
const PACKAGE = '@cdklabs/cdk-validator-cfnguard'
const VERSION = '0.0.62'
const FOLDER = new URL(`../../.roadpulse/cfn-guard-${VERSION}/`, import.meta.url).pathname
const SYSTEMS: Readonly<Record<string, string>> = { linux: 'ubuntu', darwin: 'macos' }
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }
/** By which cfn-guard says that a rule is broken. */
const EXIT_BROKEN = 19
const MAX_OUTPUT_BYTES = 256 * 1_048_576

const run = promisify(execFile)

/** The resources that break a rule, by the rule. */
export type GuardFindings = Map<string, Set<string>>

/** Judges templates by the rules of Control Tower; `folder` holds them meanwhile. */
export async function judgeByGuard(
  folder: string,
  templates: Readonly<Record<string, ResolvedTemplate>>,
): Promise<GuardFindings> {
  const root = await ensurePackage()
  for (const [name, { resources }] of Object.entries(templates))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ Resources: resources }))
  const program = join(
    root,
    'bin',
    SYSTEMS[process.platform] ?? '',
    PROCESSORS[process.arch] ?? '',
    'cfn-guard',
  )
  const rules = join(root, 'rules/control-tower/cfn-guard')
  const form = ['--show-summary', 'none', '--output-format', 'json', '--structured']
  const output = await run(program, ['validate', '--rules', rules, '--data', folder, ...form], {
    maxBuffer: MAX_OUTPUT_BYTES,
  }).then(
    ({ stdout }) => stdout,
    (error: { code?: number; stdout?: string; stderr?: string }) => {
      if (error.code === EXIT_BROKEN) return error.stdout ?? ''
      throw new Error(`cfn-guard: ${error.code} ${error.stderr}`, { cause: error })
    },
  )
  return findingsOf(JSON.parse(output) as Report[])
}

type Report = { not_compliant: { Rule: { name: string; checks: unknown } }[] }

/** A report has the path of each value that was looked at, somewhere in what a check says. */
function findingsOf(reports: readonly Report[]): GuardFindings {
  const findings: GuardFindings = new Map()
  for (const { Rule } of reports.flatMap(({ not_compliant }) => not_compliant)) {
    const resources = findings.get(Rule.name) ?? new Set()
    findings.set(Rule.name, resources)
    for (const [, name = ''] of JSON.stringify(Rule.checks).matchAll(/"\/Resources\/(\w+)/g))
      resources.add(name)
  }
  return findings
}

/** Without what it asks for beside itself: the library for writing templates is not needed to judge them. */
async function ensurePackage(): Promise<string> {
  const root = join(FOLDER, 'node_modules', PACKAGE)
  if (existsSync(join(root, 'rules'))) return root
  mkdirSync(FOLDER, { recursive: true })
  const options = [
    '--prefix',
    FOLDER,
    '--no-save',
    '--no-package-lock',
    '--legacy-peer-deps',
    '--ignore-scripts',
  ]
  await run('npm', ['install', ...options, `${PACKAGE}@${VERSION}`])
  return root
}
