import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { RoadpulseError } from '../../lib/errors.ts'

const run = promisify(execFile)

type Prerequisite = {
  name: string
  program: string
  args: readonly string[]
  /** Finds the version in what the program prints. */
  version: RegExp
  atLeast: readonly [major: number, minor: number]
  advice: string
}

const PREREQUISITES: readonly Prerequisite[] = [
  {
    name: 'Java 17 or newer',
    program: 'java',
    args: ['-version'],
    version: /version "(\d+)(?:\.(\d+))?/,
    atLeast: [17, 0],
    advice: 'install a JDK 17 (Debian: openjdk-17-jdk-headless, macOS: brew install openjdk@17)',
  },
  {
    name: 'Maven',
    program: 'mvn',
    args: ['--version'],
    version: /Apache Maven (\d+)\.(\d+)/,
    atLeast: [3, 6],
    advice: 'install Maven (Debian: maven, macOS: brew install maven)',
  },
  {
    name: 'Python 3.10 or newer',
    program: 'python3',
    args: ['--version'],
    version: /Python (\d+)\.(\d+)/,
    atLeast: [3, 10],
    advice: 'install Python 3.10 with venv (Debian: python3-venv, macOS: brew install python)',
  },
]

/** Throws one `PREREQUISITE_MISSING` that names everything the machine lacks, and what to do. */
export async function checkPrerequisites(environment: NodeJS.ProcessEnv): Promise<void> {
  const faults = (await Promise.all(PREREQUISITES.map((one) => faultOf(one, environment)))).filter(
    (fault) => fault !== undefined,
  )
  if (faults.length > 0) throw new RoadpulseError('PREREQUISITE_MISSING', faults.join('; '))
}

async function faultOf(one: Prerequisite, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(one.program, one.args, { env: environment })
    const [, major = '0', minor = '0'] = one.version.exec(`${stdout}${stderr}`) ?? []
    const [wantedMajor, wantedMinor] = one.atLeast
    const isEnough =
      Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor)
    return isEnough ? undefined : `${one.name} is needed, found ${major}.${minor}: ${one.advice}`
  } catch {
    return `${one.name} is needed, \`${one.program}\` does not run: ${one.advice}`
  }
}
