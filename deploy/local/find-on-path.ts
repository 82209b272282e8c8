import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first program on the path that has one of these names. */
export function findOnPath(path: string, ...names: readonly string[]): string | undefined {
  return path
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
