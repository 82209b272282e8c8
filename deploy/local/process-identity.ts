import { readFileSync } from 'node:fs'

/** In /proc/<pid>/stat, counted from the end of the command's name: what the state is, and when it was started. */
const STATE_FIELD = 0
const START_TIME_FIELD = 19

/**
 * What tells a living process from a later one with the same id: its start time, where /proc has it. `undefined` when
 * there is no such process, or only its remains.
 */
export function identifyProcess(pid: number): string | undefined {
  if (process.platform !== 'linux') return isAlive(pid) ? 'alive' : undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[STATE_FIELD] === 'Z' ? undefined : fields[START_TIME_FIELD]
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
