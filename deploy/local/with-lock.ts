import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const LOCK_POLL_MS = 200
/** A lock older than this was left by a run that was killed. */
const LOCK_STALE_MS = 300_000

/** Runs the task while no other process runs one under the same lock, which is a folder. */
export async function withLock(folder: string, task: () => Promise<void>): Promise<void> {
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
