package roadpulse.job;

/** An event of stream 2, encoded. */
public class Envelope {
  /** What must stay in order on stream 2 shares it. */
  public String partitionKey;

  public byte[] json;

  public Envelope() {}

  public Envelope(String partitionKey, byte[] json) {
    this.partitionKey = partitionKey;
    this.json = json;
  }
}
