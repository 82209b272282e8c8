import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { VirtualEnvironment } from './virtual-environment.ts'

/** A Redis or Valkey server on the machine, else the one that comes with the project's Python packages. */
export async function findRedisServer(path: string, environment: VirtualEnvironment): Promise<string> {
  for (const folder of path.split(delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const file = join(folder, name)
      if (isExecutable(file)) return file
    }
  }
  return environment.valkeyServer()
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
