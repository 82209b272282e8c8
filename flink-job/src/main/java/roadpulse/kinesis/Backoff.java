package roadpulse.kinesis;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Delays between attempts: full jitter under a doubling ceiling, after "Exponential Backoff And
 * Jitter" (AWS Architecture Blog).
 */
final class Backoff {

  private static final long FIRST_CEILING_MS = 100;
  private static final long LAST_CEILING_MS = 5_000;

  private long ceilingMs = FIRST_CEILING_MS;

  /** Milliseconds to wait before the next attempt. */
  long next() {
    long delay = ThreadLocalRandom.current().nextLong(ceilingMs + 1);
    ceilingMs = Math.min(ceilingMs * 2, LAST_CEILING_MS);
    return delay;
  }

  void reset() {
    ceilingMs = FIRST_CEILING_MS;
  }
}
