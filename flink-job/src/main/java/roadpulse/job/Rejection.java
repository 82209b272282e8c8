package roadpulse.job;

/** Why a record was refused, and the record itself. */
public class Rejection {
  public String[] reasons;
  public String shardId;
  public String sequenceNumber;

  /** At most the first 64 KiB of the record. */
  public byte[] head;

  public int length;
  public String sha256;
}
