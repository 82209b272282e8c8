import type { Clock } from '../clock.ts'

/** Tokens that refill with time. It may be overdrawn: then it takes longer until there is something to take again. */
export class TokenBucket {
  readonly #capacity: number
  readonly #clock: Clock
  #refillPerSecond: number
  #tokens: number
  #refilledAt: number

  /** Starts full. */
  constructor(options: { capacity: number; refillPerSecond: number; clock: Clock }) {
    this.#capacity = options.capacity
    this.#refillPerSecond = options.refillPerSecond
    this.#clock = options.clock
    this.#tokens = options.capacity
    this.#refilledAt = options.clock.monotonic()
  }

  /** From now on; what came until now came at the rate that held. */
  set refillPerSecond(tokens: number) {
    this.#refill()
    this.#refillPerSecond = tokens
  }

  /** Milliseconds until the bucket holds `tokens`; 0 when it does. More than its capacity is never waited for. */
  msUntil(tokens: number): number {
    this.#refill()
    const missing = Math.min(tokens, this.#capacity) - this.#tokens
    return missing <= 0 ? 0 : Math.ceil((missing / this.#refillPerSecond) * 1_000)
  }

  take(tokens: number): void {
    this.#refill()
    this.#tokens -= tokens
  }

  #refill(): void {
    const now = this.#clock.monotonic()
    const added = ((now - this.#refilledAt) / 1_000) * this.#refillPerSecond
    this.#tokens = Math.min(this.#capacity, this.#tokens + added)
    this.#refilledAt = now
  }
}
