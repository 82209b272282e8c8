import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Pace } from '../../lib/feeds/feed.ts'
import type { RateBucket } from '../../lib/feeds/rate-bucket.ts'

/** Rows are released in small groups, this far apart: few enough timers, and no burst that one could see. */
const TICK_MS = 25
/** What is shared with others is asked for at most so often: each time is a call to Redis. */
const SHARED_TICK_MS = 100
/** After a stall at most this much is made up for at once; what is beyond it is given up. */
const MAX_DEBT_MS = 2_000
/** However slow the pace: another one is noticed within this. */
export const LONGEST_SLEEP_MS = 250

export type Pacer = {
  /** Waits until rows are due and says how many, at most `max`; 0 when `signal` has aborted. */
  take(max: number, signal: AbortSignal): Promise<number>
  /**
   * When a row is due that happened at `at`, epoch ms; the first one at once, which is `now`. Undefined where the pace is not that of the
   * accidents themselves, or it is not known when this one happened.
   */
  dueAt(at: number | undefined, now: number): number | undefined
  /** How far behind the pace it is; 0 at the pace `max`. */
  lagMs(): number
  /** Goes on at another pace from now on, also for who is waiting. */
  setPace(pace: Pace): void
  /** Others release rows of the same feed: from now on its rate is that of all who take from `bucket`. */
  share(bucket: RateBucket): void
}

/** Releases rows at a pace, the first one at once. */
export function createPacer(pace: Pace, clock: Clock): Pacer {
  let current = pace
  let shared: RateBucket | undefined
  let schedule = scheduleOf(pace, 1)
  let timeline = timelineOf(pace)
  let behindTimelineMs = 0

  return {
    async take(max, signal) {
      // Gives the event loop its turn, or at the pace `max` nothing would ever be sent.
      await setImmediate()
      while (!signal.aborted) {
        if (schedule === undefined) return max
        const now = clock.monotonic()
        const due = await schedule.release(max, now)
        if (due > 0) return due
        await clock.sleep(Math.min(schedule.msUntilDue(now), LONGEST_SLEEP_MS), signal)
      }
      return 0
    },
    dueAt(at, now) {
      const dueAt = at === undefined ? undefined : timeline?.(at, now)
      if (dueAt !== undefined) behindTimelineMs = Math.max(0, now - dueAt)
      return dueAt
    },
    lagMs: () => schedule?.debtMs(clock.monotonic()) ?? behindTimelineMs,
    setPace(next) {
      current = next
      schedule = scheduleOf(next, 0, shared)
      timeline = timelineOf(next)
      behindTimelineMs = 0
    },
    share(bucket) {
      shared = bucket
      schedule = scheduleOf(current, 0, shared)
    },
  }
}

/** Moments of accidents, as moments of the replay; none for paces that ask for rows. */
function timelineOf(pace: Pace): ((at: number, now: number) => number) | undefined {
  if (pace.kind !== 'speed') return undefined
  let first: { at: number; now: number } | undefined
  return (at, now) => {
    first ??= { at, now }
    return first.now + (at - first.at) / pace.factor
  }
}

/** None for the paces `max` and `speed`. */
function scheduleOf(pace: Pace, dueAtOnce: number, shared?: RateBucket): Schedule | undefined {
  if (pace.kind !== 'rate') return undefined
  return shared === undefined
    ? new OwnSchedule(pace.rowsPerSecond / 1_000, dueAtOnce)
    : new SharedSchedule(shared, pace.rowsPerSecond)
}

type Schedule = {
  /** How many rows, at most `max`, are released now; 0 before the next tick. */
  release(max: number, now: number): number | Promise<number>
  /** For how long the next row has been due. */
  debtMs(now: number): number
  msUntilDue(now: number): number
}

/**
 * When the rows of one rate are due: always reckoned from its start, so that late timers and rounding do not add up.
 * Over a minute the rate is exact.
 */
class OwnSchedule implements Schedule {
  readonly #rowsPerMs: number
  readonly #dueAtOnce: number
  #origin: number | undefined
  #released = 0
  #ranDryAt = Number.NEGATIVE_INFINITY

  constructor(rowsPerMs: number, dueAtOnce: number) {
    this.#rowsPerMs = rowsPerMs
    this.#dueAtOnce = dueAtOnce
  }

  release(max: number, now: number): number {
    this.#origin ??= now - this.#dueAtOnce / this.#rowsPerMs
    const debt = this.debtMs(now)
    if (debt > MAX_DEBT_MS) this.#origin += debt - MAX_DEBT_MS
    // The small fraction makes up for what division and multiplication lose.
    const due = Math.floor((now - this.#origin) * this.#rowsPerMs - this.#released + 1e-6)
    if (due < 1 || now < this.#ranDryAt + TICK_MS) return 0
    const taken = Math.min(due, max)
    if (taken === due) this.#ranDryAt = now
    this.#released += taken
    return taken
  }

  debtMs(now: number): number {
    return Math.max(0, -this.#msUntilNext(now))
  }

  msUntilDue(now: number): number {
    return Math.max(this.#ranDryAt + TICK_MS - now, this.#msUntilNext(now), 1)
  }

  /** Negative when the next row is overdue. */
  #msUntilNext(now: number): number {
    return (this.#released + 1) / this.#rowsPerMs - (now - (this.#origin ?? now))
  }
}

/** When the rows of a rate are due that several runners share: the bucket knows. */
class SharedSchedule implements Schedule {
  readonly #bucket: RateBucket
  readonly #rowsPerSecond: number
  #nextDueAt = Number.POSITIVE_INFINITY
  #askAt = Number.NEGATIVE_INFINITY

  constructor(bucket: RateBucket, rowsPerSecond: number) {
    this.#bucket = bucket
    this.#rowsPerSecond = rowsPerSecond
  }

  async release(max: number, now: number): Promise<number> {
    if (now < this.#askAt) return 0
    const { rows, msUntilNext } = await this.#bucket.take(this.#rowsPerSecond, max)
    this.#nextDueAt = now + msUntilNext
    if (msUntilNext > 0) this.#askAt = now + Math.max(SHARED_TICK_MS, msUntilNext)
    return rows
  }

  /** By what the bucket said last: another runner may have taken the row since. */
  debtMs(now: number): number {
    return Math.max(0, now - this.#nextDueAt)
  }

  msUntilDue(now: number): number {
    return Math.max(this.#askAt - now, 1)
  }
}
