import { setTimeout as delay } from 'node:timers/promises'

/** Time as a dependency, so that simulations and tests can own it. */
export type Clock = {
  /** Milliseconds since the epoch, by the wall clock. May jump. */
  now(): number
  /** Milliseconds by a clock that never goes back. Only differences mean something. */
  monotonic(): number
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      if (signal?.aborted !== true) throw error
    }
  },
}
