/**
 * Ends what the supervisor leaves behind when it dies without a word. It is told the process ids of the parts over the
 * channel to the supervisor; when that closes, each of them that still is the process it was gets SIGTERM, and after a
 * few seconds SIGKILL.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { identifyProcess } from './process-identity.ts'

const GRACE_MS = 4_000
const POLL_MS = 100

export type ReaperMessage = { spawned: number } | { exited: number }

const identities = new Map<number, string>()

process.on('message', (message: ReaperMessage) => {
  if ('spawned' in message) identities.set(message.spawned, identifyProcess(message.spawned) ?? '')
  else identities.delete(message.exited)
})
// The terminal's Ctrl-C is the supervisor's business.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

process.on('disconnect', () => {
  void reap().then(() => process.exit())
})

async function reap(): Promise<void> {
  endAll('SIGTERM')
  const giveUpAt = performance.now() + GRACE_MS
  while (alive().length > 0 && performance.now() < giveUpAt) await delay(POLL_MS)
  endAll('SIGKILL')
}

function endAll(signal: NodeJS.Signals): void {
  for (const pid of alive()) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It ended by itself in between.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') console.error(error)
    }
  }
}

/** A process id may have been given to another process since. */
function alive(): number[] {
  return [...identities].flatMap(([pid, identity]) => (identifyProcess(pid) === identity ? [pid] : []))
}
