import { setTimeout as delay } from 'node:timers/promises'

const POLL_INTERVAL_MS = 100

/**
 * Waits until `probe` returns something other than undefined, false or null, and returns it. After `deadlineMs` it
 * throws, saying what was waited for and what was seen last (`describe`), or the probe's own last error.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  options: { deadlineMs: number; intervalMs?: number; describe?: () => unknown },
): Promise<T> {
  const giveUpAt = performance.now() + options.deadlineMs
  let lastError: unknown
  while (performance.now() < giveUpAt) {
    try {
      const value = await probe()
      if (value !== undefined && value !== false && value !== null) return value
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    await delay(options.intervalMs ?? POLL_INTERVAL_MS)
  }
  const seen = options.describe === undefined ? '' : `; last seen: ${JSON.stringify(options.describe())}`
  throw new Error(`waited ${options.deadlineMs} ms in vain: ${what}${seen}`, { cause: lastError })
}
