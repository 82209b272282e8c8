package roadpulse.kinesis;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** The enumerator in checkpoints; versioned as {@link KinesisShardSplitSerializer} is. */
final class KinesisStreamsSourceEnumeratorStateSerializer
    implements SimpleVersionedSerializer<KinesisStreamsSourceEnumeratorState> {

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(KinesisStreamsSourceEnumeratorState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeInt(state.finished().size());
    for (String shardId : state.finished()) out.writeUTF(shardId);
    return out.getCopyOfBuffer();
  }

  @Override
  public KinesisStreamsSourceEnumeratorState deserialize(int version, byte[] bytes)
      throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "enumerator state of version " + version + " is newer than this program");
    }
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    int size = in.readInt();
    Set<String> finished = new LinkedHashSet<>();
    for (int i = 0; i < size; i++) finished.add(in.readUTF());
    return new KinesisStreamsSourceEnumeratorState(finished);
  }
}
