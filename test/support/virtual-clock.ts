import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'

/** A clock on which a sleep takes no time but its own: time goes by only while somebody sleeps. */
export function createVirtualClock(startMs = 1_795_000_000_000): Clock {
  let now = startMs
  return {
    now: () => now,
    monotonic: () => now - startMs,
    async sleep(ms, signal) {
      if (signal?.aborted === true) return
      now += ms
      await setImmediate()
    },
  }
}
