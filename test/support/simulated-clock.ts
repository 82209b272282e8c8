import type { Clock } from '../../lib/clock.ts'

/** Turns of the event loop that others get before time goes on, for what they do without sleeping. */
const TURNS_BETWEEN_LEAPS = 4

/**
 * A clock for several sleepers at once: they wake in the order of their times, and time leaps to the next one as soon
 * as nothing else is to be done. Hours pass in milliseconds.
 */
export function createSimulatedClock(startMs = 1_000_000): Clock {
  let now = startMs
  const sleepers: { at: number; wake: () => void }[] = []
  let leaping = false

  function leapAfter(turns: number): void {
    setImmediate(turns === 0 ? leap : () => leapAfter(turns - 1))
  }

  function leap(): void {
    sleepers.sort((a, b) => a.at - b.at)
    const next = sleepers.shift()
    leaping = next !== undefined
    if (next === undefined) return
    now = Math.max(now, next.at)
    next.wake()
    leapAfter(TURNS_BETWEEN_LEAPS)
  }

  return {
    now: () => now,
    monotonic: () => now,
    sleep(ms, signal) {
      if (signal?.aborted === true) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const sleeper = { at: now + ms, wake }
        const abort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1)
          resolve()
        }
        signal?.addEventListener('abort', abort, { once: true })
        sleepers.push(sleeper)
        if (leaping) return
        leaping = true
        leapAfter(TURNS_BETWEEN_LEAPS)
      })
    },
  }
}
