package roadpulse.job;

/** A decoded record of stream 1: an accident, or the reasons why it is none. */
public class Reading {

  /** The feed of what is on stream 1 and not ours to read. */
  public static final String UNKNOWN_FEED = "unknown";

  public String feed;

  /** Row number in the feed's source; 0 in the feed {@link #UNKNOWN_FEED}. */
  public long seq;

  public int attempt;
  public String partitionKey;

  /** Epoch ms on the replay's clock; the arrival where the record has none. */
  public long eventTime;

  /** Epoch ms at which Kinesis took the record. */
  public long arrivedAt;

  /**
   * It arrived more than B after its event time: a property of the record, the same in every run.
   */
  public boolean late;

  /** Null when rejected. */
  public Accident accident;

  /** Null when valid. */
  public Rejection rejection;
}
