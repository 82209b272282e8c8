package roadpulse.kinesis;

/**
 * How far a shard has been read: not at all, up to and including a record, or to its end. What
 * comes next is read from there.
 *
 * @param sequenceNumber the last record read; null in the other two kinds
 */
record ShardPosition(Kind kind, String sequenceNumber) {

  enum Kind {
    TRIM_HORIZON,
    AFTER_SEQUENCE_NUMBER,
    SHARD_END
  }

  /** Where every shard starts: records are never skipped, so there is no LATEST. */
  static final ShardPosition TRIM_HORIZON = new ShardPosition(Kind.TRIM_HORIZON, null);

  static final ShardPosition SHARD_END = new ShardPosition(Kind.SHARD_END, null);

  static ShardPosition after(String sequenceNumber) {
    return new ShardPosition(Kind.AFTER_SEQUENCE_NUMBER, sequenceNumber);
  }

  boolean isEnd() {
    return kind == Kind.SHARD_END;
  }
}
