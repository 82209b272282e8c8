import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { RoadpulseError } from '../../lib/errors.ts'
import { findOnPath } from './find-on-path.ts'
import type { Tools } from './tools.ts'
import { withLock } from './with-lock.ts'

export const INSTALL_PROMETHEUS =
  'install Prometheus (Debian: apt-get install prometheus, macOS: brew install prometheus)'

export type Prometheus = {
  server: string
  promtool: string
  /** Files of its own pages, where the server does not know the place by itself. */
  pages?: string
}

/** A Prometheus on the path, or one that an earlier call of `fetchPrometheus` has put into `folder`. */
export function findPrometheus(path: string, folder: string): Prometheus | undefined {
  const server = findOnPath(path, 'prometheus')
  const promtool = findOnPath(path, 'promtool')
  if (server !== undefined && promtool !== undefined) return { server, promtool }
  if (!existsSync(folder)) return undefined
  return {
    server: `${folder}/usr/bin/prometheus`,
    promtool: `${folder}/usr/bin/promtool`,
    pages: `${folder}/usr/share/prometheus/web`,
  }
}

/**
 * The same, and where there is none, Debian's package unpacked into `folder`: that takes no root, and nothing is
 * installed or started. Throws `PREREQUISITE_MISSING` where the package cannot be had.
 */
export async function fetchPrometheus(options: {
  path: string
  folder: string
  tools: Tools
  onProgress?: (message: string) => void
}): Promise<Prometheus> {
  const { path, folder, tools, onProgress } = options
  await withLock(`${folder}.lock`, async () => {
    if (findPrometheus(path, folder) !== undefined) return
    onProgress?.('fetching the Debian package of Prometheus (once, about 20 MB)')
    await unpackDebianPackage('prometheus', folder, tools)
  })
  const found = findPrometheus(path, folder)
  if (found === undefined) throw new Error('the package of Prometheus was unpacked, and is not there')
  return found
}

async function unpackDebianPackage(name: string, folder: string, tools: Tools): Promise<void> {
  const parts = `${folder}.parts`
  rmSync(parts, { recursive: true, force: true })
  mkdirSync(`${parts}/lists/partial`, { recursive: true })
  const run = async (program: string, ...args: string[]) => {
    const { code, output } = await tools.run('env', ['--chdir', parts, program, ...args])
    return { isDone: code === 0, output }
  }
  // The lists of packages of a fresh machine are empty, and only root may fill them: these are our own.
  const ownLists = ['-o', 'Acquire::Retries=3', '-o', `Dir::State::Lists=${parts}/lists`]
  let result = await run('apt-get', 'download', name)
  if (!result.isDone) result = await run('apt-get', ...ownLists, 'update')
  if (result.isDone && archiveIn(parts) === undefined)
    result = await run('apt-get', ...ownLists, 'download', name)
  const archive = archiveIn(parts)
  if (archive !== undefined) result = await run('dpkg-deb', '--extract', archive, 'package')
  if (!result.isDone || archive === undefined)
    throw new RoadpulseError(
      'PREREQUISITE_MISSING',
      `${INSTALL_PROMETHEUS}; its package cannot be had: ${result.output}`,
    )
  // Whole or not at all: another process looks for the folder.
  renameSync(`${parts}/package`, folder)
  rmSync(parts, { recursive: true, force: true })
}

const archiveIn = (folder: string) => readdirSync(folder).find((file) => file.endsWith('.deb'))
