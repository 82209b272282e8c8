package roadpulse.job;

/** The accident that came first under a partition key. */
public class FirstSeen {
  public String accidentId;
  public long arrivedAt;

  public FirstSeen() {}

  public FirstSeen(String accidentId, long arrivedAt) {
    this.accidentId = accidentId;
    this.arrivedAt = arrivedAt;
  }
}
