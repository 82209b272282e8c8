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

  private static final long NO_TIP = Long.MIN_VALUE;

  private final long latenessMs;
  private final long tipSlackMs;
  private long readUpTo;

  /** A tip that the next read has yet to confirm. */
  private long unconfirmedTip = NO_TIP;

  ReadProgress(ReadSettings settings, long readUpTo) {
    this.latenessMs = settings.lateness().toMillis();
    this.tipSlackMs = settings.tipSlack().toMillis();
    this.readUpTo = readUpTo;
  }

  void recordRead(long arrivedAt) {
    confirmTip();
    advance(arrivedAt - ARRIVAL_DISORDER_MS);
  }

  /**
   * An empty read at the tip proves that nothing older than the read is to come, but for what was
   * put before and had not become visible. The time at which the read was sent counts: what arrives
   * while it is answered may not be in it.
   *
   * <p>A shard that was closed while nobody read it answers like this once more before it says that
   * it has ended, and what arrived since went to its children. So a tip counts when the read after
   * it shows that the shard goes on.
   */
  void tipReached(long readSentAt) {
    confirmTip();
    unconfirmedTip = readSentAt;
  }

  /** The last read said that the shard has ended: only its records count. */
  void ended() {
    unconfirmedTip = NO_TIP;
  }

  private void confirmTip() {
    if (unconfirmedTip == NO_TIP) return;
    advance(unconfirmedTip - tipSlackMs);
    unconfirmedTip = NO_TIP;
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
