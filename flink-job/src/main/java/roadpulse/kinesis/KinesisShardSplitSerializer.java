package roadpulse.kinesis;

import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The split in checkpoints. A change of the layout gets the next version, and the versions before
 * it stay readable.
 */
final class KinesisShardSplitSerializer implements SimpleVersionedSerializer<KinesisShardSplit> {

  private static final int VERSION = 1;

  private static final byte TRIM_HORIZON = 0;
  private static final byte AFTER_SEQUENCE_NUMBER = 1;
  private static final byte SHARD_END = 2;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(KinesisShardSplit split) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(128);
    out.writeUTF(split.shardId());
    switch (split.position().kind()) {
      case TRIM_HORIZON -> out.writeByte(TRIM_HORIZON);
      case AFTER_SEQUENCE_NUMBER -> {
        out.writeByte(AFTER_SEQUENCE_NUMBER);
        out.writeUTF(split.position().sequenceNumber());
      }
      case SHARD_END -> out.writeByte(SHARD_END);
    }
    out.writeLong(split.readUpTo());
    return out.getCopyOfBuffer();
  }

  @Override
  public KinesisShardSplit deserialize(int version, byte[] bytes) throws IOException {
    StateVersions.requireKnown("a shard split", version, VERSION);
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    String shardId = in.readUTF();
    byte kind = in.readByte();
    ShardPosition position =
        switch (kind) {
          case TRIM_HORIZON -> ShardPosition.TRIM_HORIZON;
          case AFTER_SEQUENCE_NUMBER -> ShardPosition.after(in.readUTF());
          case SHARD_END -> ShardPosition.SHARD_END;
          default -> throw new IOException("a shard position of the unknown kind " + kind);
        };
    return new KinesisShardSplit(shardId, position, in.readLong());
  }
}
