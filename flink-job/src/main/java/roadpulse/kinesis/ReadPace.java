package roadpulse.kinesis;

/**
 * When a shard may be read again. Kinesis allows 5 calls and 2 MiB per second and shard, to all
 * readers together; bytes are paid back after they were read, because a page's size is known only
 * then.
 */
final class ReadPace {

  private static final double CALLS_PER_SECOND = 5;
  private static final double BYTES_PER_SECOND = 2 * 1024 * 1024;

  /** How long a shard rests when it was read to its tip. */
  private static final long TIP_INTERVAL_MS = 250;

  private final double share;

  ReadPace(double share) {
    this.share = share;
  }

  /** Milliseconds from the start of a call that brought {@code bytes} to the start of the next. */
  long intervalAfter(long bytes, boolean atTip) {
    double forCalls = 1_000 / (CALLS_PER_SECOND * share);
    double forBytes = 1_000 * bytes / (BYTES_PER_SECOND * share);
    double interval = Math.max(forCalls, forBytes);
    return (long) Math.ceil(atTip ? Math.max(interval, TIP_INTERVAL_MS) : interval);
  }
}
