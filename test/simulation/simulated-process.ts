import type { Clock } from '../../lib/clock.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** How far the clocks of two machines run apart. The share of its lease that a worker keeps off must be larger. */
const MAX_DRIFT = 0.01
const MAX_WALL_SKEW_MS = 30_000
const CATCHING_UP_MS = 1

/**
 * A process as its machine sees it: it may be stopped for a while (SIGSTOP, a paused container) or killed. What comes
 * due while it is stopped happens when it goes on: either the timers first or what came from outside, as it was caught.
 */
export class SimulatedProcess {
  readonly name: string
  readonly clock: Clock
  readonly #scheduler: Scheduler
  readonly #random: Random
  #pausedUntil = 0
  #timersFirst = true
  #isKilled = false

  constructor(name: string, scheduler: Scheduler, random: Random) {
    this.name = name
    this.#scheduler = scheduler
    this.#random = random
    const rate = 1 + (random.next() * 2 - 1) * MAX_DRIFT
    const skewMs = random.int(-MAX_WALL_SKEW_MS, MAX_WALL_SKEW_MS)
    this.clock = {
      now: () => Math.floor(scheduler.now() + skewMs),
      monotonic: () => scheduler.now() * rate,
      sleep: (ms, signal) => this.#sleep(ms / rate, signal),
    }
  }

  /** Whether it runs, and has caught up with what came due while it was stopped. */
  get isAwake(): boolean {
    return !this.#isKilled && this.#scheduler.now() > this.#pausedUntil + CATCHING_UP_MS
  }

  get isKilled(): boolean {
    return this.#isKilled
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#scheduler.now() + ms)
    this.#timersFirst = this.#random.chance(0.5)
  }

  kill(): void {
    this.#isKilled = true
  }

  /** Something from outside reaches the process after `ms`. */
  receive(ms: number, callback: () => void): void {
    this.#scheduler.after(ms, () => this.#deliver(callback, !this.#timersFirst))
  }

  #deliver(callback: () => void, isFirst: boolean): void {
    if (this.#isKilled) return
    if (this.#scheduler.now() < this.#pausedUntil) {
      // A moment later, so that it comes after all of the other kind.
      this.#scheduler.at(this.#pausedUntil + (isFirst ? 0 : CATCHING_UP_MS), () =>
        this.#deliver(callback, isFirst),
      )
    } else callback()
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const callOff = this.#scheduler.after(ms, () =>
        this.#deliver(() => {
          signal?.removeEventListener('abort', abort)
          resolve()
        }, this.#timersFirst),
      )
      const abort = () => {
        callOff()
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
