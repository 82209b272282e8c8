import { existsSync, globSync, readFileSync } from 'node:fs'

/** The vectors beside this repository, or those in the folder that VECTORS names. */
const FOLDER = process.env.VECTORS ?? new URL('../../../shared/vectors', import.meta.url).pathname

/**
 * All files of one format, whatever their names. Undefined, for a skip that can be seen, when the default folder does
 * not exist or holds none; a folder that was asked for must.
 */
export function readVectors<File extends { format: string }>(format: File['format']): File[] | undefined {
  const files = existsSync(FOLDER) ? globSync(`${FOLDER}/*.json`).sort() : []
  const found = files
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as File)
    .filter((file) => file.format === format)
  if (found.length > 0) return found
  if (process.env.VECTORS === undefined) return undefined
  if (!existsSync(FOLDER)) throw new Error(`VECTORS names ${FOLDER}, which does not exist`)
  return undefined
}

export const NO_VECTORS = `no vectors of this format in ${FOLDER}`
