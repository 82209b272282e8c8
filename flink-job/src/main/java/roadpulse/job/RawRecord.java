package roadpulse.job;

/** A record of stream 1 as Kinesis gives it. */
public class RawRecord {
  public String shardId;
  public String sequenceNumber;
  public String partitionKey;

  /** Epoch ms at which Kinesis took the record. */
  public long arrivedAt;

  public byte[] data;
}
