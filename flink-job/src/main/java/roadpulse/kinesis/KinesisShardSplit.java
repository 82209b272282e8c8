package roadpulse.kinesis;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One shard, how far it has been read, and until when.
 *
 * @param shardId the shard
 * @param position where reading goes on
 * @param readUpTo epoch ms by Kinesis' clock: every record that arrived up to here has been read;
 *     {@link #NOTHING_READ} before the first read
 */
record KinesisShardSplit(String shardId, ShardPosition position, long readUpTo)
    implements SourceSplit {

  static final long NOTHING_READ = Long.MIN_VALUE;

  static KinesisShardSplit unread(String shardId) {
    return new KinesisShardSplit(shardId, ShardPosition.TRIM_HORIZON, NOTHING_READ);
  }

  @Override
  public String splitId() {
    return shardId;
  }
}
