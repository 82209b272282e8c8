import type { Clock } from '../clock.ts'
import { TokenBucket } from './token-bucket.ts'

/** What one shard gives to all its polling readers together, and the burst that it bears. Source: GetRecords, limits. */
export const SHARD_LIMITS = {
  callsPerSecond: 5,
  bytesPerSecond: 2 * 1_048_576,
  burstBytes: 10 * 1_048_576,
}
export type ReadLimits = typeof SHARD_LIMITS

/** The share of the limits that is taken is halved when the shard throttles, and rises again by so much a second. */
const DECREASE = 0.5
const INCREASE_PER_SECOND = 0.05
const LEAST_SHARE = 0.1
/** The throttles of one overload come in a group and count as one. */
const THROTTLE_GROUP_MS = 1_000

/**
 * When a shard may be read again: within the limits of the service, and within what other applications leave of them,
 * which only throttling tells. Additive increase and multiplicative decrease let all readers of a shard arrive at equal
 * shares without knowing of each other. Source: D.-M. Chiu, R. Jain, "Analysis of the Increase and Decrease Algorithms
 * for Congestion Avoidance in Computer Networks", 1989; the numbers are ours.
 */
export class ReadBudget {
  readonly #limits: ReadLimits
  readonly #clock: Clock
  readonly #calls: TokenBucket
  readonly #bytes: TokenBucket
  #share = 1
  #sharedAt: number
  #throttledAt = Number.NEGATIVE_INFINITY

  constructor(options: { limits: ReadLimits; clock: Clock }) {
    const { limits, clock } = options
    this.#limits = limits
    this.#clock = clock
    this.#calls = new TokenBucket({ capacity: 1, refillPerSecond: limits.callsPerSecond, clock })
    this.#bytes = new TokenBucket({
      capacity: limits.burstBytes,
      refillPerSecond: limits.bytesPerSecond,
      clock,
    })
    this.#sharedAt = clock.monotonic()
  }

  /** Milliseconds until the next call may be sent; 0 when it may be now. */
  msUntilCall(): number {
    this.#rise()
    return Math.max(this.#calls.msUntil(1), this.#bytes.msUntil(1))
  }

  called(): void {
    this.#calls.take(1)
  }

  received(bytes: number): void {
    this.#bytes.take(bytes)
  }

  /** The shard has refused a call because too much is asked of it. */
  throttled(): void {
    this.#rise()
    const now = this.#clock.monotonic()
    if (now - this.#throttledAt < THROTTLE_GROUP_MS) return
    this.#throttledAt = now
    this.#take(Math.max(LEAST_SHARE, this.#share * DECREASE))
  }

  #rise(): void {
    const now = this.#clock.monotonic()
    const risen = this.#share + ((now - this.#sharedAt) / 1_000) * INCREASE_PER_SECOND
    this.#sharedAt = now
    if (this.#share < 1) this.#take(Math.min(1, risen))
  }

  #take(share: number): void {
    this.#share = share
    this.#calls.refillPerSecond = share * this.#limits.callsPerSecond
    this.#bytes.refillPerSecond = share * this.#limits.bytesPerSecond
  }
}
