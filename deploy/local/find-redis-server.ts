import { findOnPath } from './find-on-path.ts'
import type { VirtualEnvironment } from './virtual-environment.ts'

/** A Redis or Valkey server on the machine, else the one that comes with the project's Python packages. */
export async function findRedisServer(path: string, environment: VirtualEnvironment): Promise<string> {
  return findOnPath(path, 'redis-server', 'valkey-server') ?? environment.valkeyServer()
}
