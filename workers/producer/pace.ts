import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Pace } from '../../lib/feeds/feed.ts'

/** Rows are released in small groups, this far apart: few enough timers, and no burst that one could see. */
const TICK_MS = 25
/** After a stall at most this much is made up for at once; what is beyond it is given up. */
const MAX_DEBT_MS = 2_000

export type Pacer = {
  /** Waits until rows are due and says how many, at most `max`; 0 when `signal` has aborted. */
  take(max: number, signal: AbortSignal): Promise<number>
}

/**
 * Releases rows at a pace. The number of rows due is always reckoned from the start, so that late timers and rounding
 * do not add up: over a minute the rate is exact.
 */
export function createPacer(pace: Pace, clock: Clock): Pacer {
  return pace.kind === 'max' ? unlimited : paced(pace.rowsPerSecond / 1_000, clock)
}

const unlimited: Pacer = {
  async take(max, signal) {
    // Gives the event loop its turn, or nothing would ever be sent.
    await setImmediate()
    return signal.aborted ? 0 : max
  },
}

function paced(rowsPerMs: number, clock: Clock): Pacer {
  let origin: number | undefined
  let released = 0
  let ranDryAt = Number.NEGATIVE_INFINITY

  return {
    async take(max, signal) {
      // The first row is due at once.
      origin ??= clock.monotonic() - 1 / rowsPerMs
      while (!signal.aborted) {
        const now = clock.monotonic()
        // How long ago the next row was due.
        const debt = now - origin - (released + 1) / rowsPerMs
        if (debt > MAX_DEBT_MS) origin += debt - MAX_DEBT_MS
        // The small fraction makes up for what division and multiplication lose.
        const due = Math.floor((now - origin) * rowsPerMs - released + 1e-6)
        const untilTick = ranDryAt + TICK_MS - now
        if (due >= 1 && untilTick <= 0) {
          const taken = Math.min(due, max)
          if (taken === due) ranDryAt = now
          released += taken
          return taken
        }
        const untilDue = (released + 1) / rowsPerMs - (now - origin)
        await clock.sleep(Math.max(untilTick, untilDue, 1), signal)
      }
      return 0
    },
  }
}
