import type { Readable } from 'node:stream'
import type { Caller } from '../access/access-control.ts'

const LOOK_INTERVAL_MS = 15_000

/**
 * Ends a stream once the session that it was opened with is over: signed out, expired, or its token gone. While Redis
 * cannot say, the stream goes on, as the page does.
 */
export function endWithSession(
  stream: Readable,
  identify: () => Promise<Caller | undefined>,
  intervalMs = LOOK_INTERVAL_MS,
): void {
  const look = async () => {
    if (await isOver(identify)) stream.destroy()
  }
  const timer = setInterval(() => void look(), intervalMs)
  stream.once('close', () => clearInterval(timer))
}

async function isOver(identify: () => Promise<Caller | undefined>): Promise<boolean> {
  try {
    return (await identify()) === undefined
  } catch {
    return false
  }
}
