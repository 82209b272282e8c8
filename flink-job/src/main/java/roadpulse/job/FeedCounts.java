package roadpulse.job;

/**
 * Counts of one feed: what an operator has counted since it last told, or all of it. The counts of
 * the conservation laws (DESIGN section 3) all derive from the five verdicts, so that the laws
 * inside Flink hold in each instance, and in each sum of them.
 */
public class FeedCounts {
  public String feed;
  public long resent;
  public long rejected;
  public long repeated;
  public long onTime;
  public long late;

  /** Epoch ms: the latest event time, and the latest arrival, among what was counted. */
  public long lastEventTime;

  public long lastArrivedAt;

  public FeedCounts() {}

  public FeedCounts(String feed) {
    this.feed = feed;
  }

  public void count(Judged judged) {
    switch (judged.verdict) {
      case RESENT -> resent++;
      case REJECTED -> rejected++;
      case REPEATED -> repeated++;
      case ON_TIME -> onTime++;
      case LATE -> late++;
    }
    lastEventTime = Math.max(lastEventTime, judged.reading.eventTime);
    lastArrivedAt = Math.max(lastArrivedAt, judged.reading.arrivedAt);
  }

  public void add(FeedCounts delta) {
    resent += delta.resent;
    rejected += delta.rejected;
    repeated += delta.repeated;
    onTime += delta.onTime;
    late += delta.late;
    lastEventTime = Math.max(lastEventTime, delta.lastEventTime);
    lastArrivedAt = Math.max(lastArrivedAt, delta.lastArrivedAt);
  }

  public long in() {
    return resent + rejected + valid();
  }

  public long valid() {
    return unique() + repeated;
  }

  public long unique() {
    return onTime + late;
  }
}
