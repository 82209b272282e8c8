import type { Clock } from '../clock.ts'

/** After so long, half of the measured rate is of what came since. */
const HALF_LIFE_MS = 10_000
/** Before that a rate says more of the start, or of a backlog, than of the shard. */
const WARM_UP_MS = 20_000

/** Bytes per second, averaged over the recent past: an exponentially decaying rate. Costs an addition per batch. */
export class LoadMeter {
  readonly #clock: Clock
  #bytes = 0
  #rate = 0
  #ratedAt: number
  readonly #startedAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#ratedAt = clock.monotonic()
    this.#startedAt = this.#ratedAt
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  /** Undefined in the first 20 s. */
  bytesPerSecond(): number | undefined {
    const now = this.#clock.monotonic()
    const elapsedMs = now - this.#ratedAt
    if (elapsedMs > 0) {
      const kept = 0.5 ** (elapsedMs / HALF_LIFE_MS)
      this.#rate = this.#rate * kept + (this.#bytes / elapsedMs) * 1_000 * (1 - kept)
      this.#bytes = 0
      this.#ratedAt = now
    }
    return now - this.#startedAt < WARM_UP_MS ? undefined : this.#rate
  }
}
