package roadpulse.kinesis;

/**
 * Up to which arrival time a shard has been read, and the watermark that follows from it.
 *
 * <p>A record is on time when it arrives at most B after its event time, so an event that is on
 * time and still to come is younger than the time read up to, less B.
 */
final class ReadProgress {

  /** Arrival times of a shard may run backwards by about this much. */
  private static final long ARRIVAL_DISORDER_MS = 1_000;

  private final long latenessMs;
  private final long tipSlackMs;
  private long readUpTo;

  ReadProgress(ReadSettings settings, long readUpTo) {
    this.latenessMs = settings.lateness().toMillis();
    this.tipSlackMs = settings.tipSlack().toMillis();
    this.readUpTo = readUpTo;
  }

  void recordRead(long arrivedAt) {
    advance(arrivedAt - ARRIVAL_DISORDER_MS);
  }

  /**
   * An empty read at the tip proves that nothing older than the read is to come, but for what was
   * put before and had not become visible. The time at which the read was sent counts: what arrives
   * while it is answered may not be in it.
   */
  void tipReached(long readSentAt) {
    advance(readSentAt - tipSlackMs);
  }

  private void advance(long to) {
    readUpTo = Math.max(readUpTo, to);
  }

  long readUpTo() {
    return readUpTo;
  }

  boolean hasWatermark() {
    return readUpTo != KinesisShardSplit.NOTHING_READ;
  }

  long watermark() {
    return readUpTo - latenessMs;
  }
}
