import type { Clock } from '../../lib/clock.ts'

/**
 * A clock whose time leaps to the next sleeper as soon as nothing else is to be done: hours pass in milliseconds, and
 * in the same order each time.
 */
export function createVirtualClock(startMs = 1_000_000): Clock {
  let now = startMs
  const sleepers: { at: number; wake: () => void }[] = []
  let leaping = false

  function leap(): void {
    sleepers.sort((a, b) => a.at - b.at)
    const next = sleepers.shift()
    leaping = next !== undefined
    if (next === undefined) return
    now = Math.max(now, next.at)
    next.wake()
    setImmediate(leap)
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
        setImmediate(leap)
      })
    },
  }
}
