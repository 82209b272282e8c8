import { type Clock, systemClock } from './clock.ts'

export type Backoff = {
  /** The first delay is drawn from 0 to this many milliseconds. */
  baseMs: number
  /** No delay is longer than this. */
  maxMs: number
}

export type RetryOptions = Backoff & {
  /** Decides by the error whether another try can help. */
  isRetryable(error: unknown): boolean
  /** Gives up, with the last error, once this many milliseconds have passed. Without it: never. */
  deadlineMs?: number
  onRetry?(error: unknown, attempt: number, delayMs: number): void
  signal?: AbortSignal
  clock?: Clock
  random?: () => number
}

/**
 * The delay before try `attempt` (1 is the first repetition): full jitter over an exponential ceiling.
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffDelay(attempt: number, backoff: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempt - 1, 30))
  return random() * ceiling
}

/** Runs `task` until it succeeds, its error is not retryable, the deadline passes or the signal aborts. */
export async function retry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const clock = options.clock ?? systemClock
  const startedAt = clock.monotonic()
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (options.signal?.aborted === true || !options.isRetryable(error)) throw error
      const delayMs = backoffDelay(attempt, options, options.random)
      const elapsedMs = clock.monotonic() - startedAt
      if (options.deadlineMs !== undefined && elapsedMs + delayMs > options.deadlineMs) throw error
      options.onRetry?.(error, attempt, delayMs)
      await clock.sleep(delayMs, options.signal)
    }
  }
}
