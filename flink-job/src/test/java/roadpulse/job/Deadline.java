package roadpulse.job;

import java.time.Duration;

/** Until when a test waits for a condition. */
record Deadline(long atNanos) {

  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** Fails when the time is over. */
  void check(String awaited) {
    if (System.nanoTime() - atNanos > 0)
      throw new AssertionError("waited too long until " + awaited);
  }
}
