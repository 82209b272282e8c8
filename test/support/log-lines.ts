import { createLog, type Log } from '../../lib/process/log.ts'

/** A log as processes have it, and the lines that it has written so far. */
export function captureLog(level = 'trace'): { log: Log; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const log = createLog(
    { name: 'test', level, workerId: 'test-1' },
    { write: (text) => void lines.push(JSON.parse(text) as Record<string, unknown>) },
  )
  return { log, lines }
}
