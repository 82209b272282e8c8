package roadpulse.kinesis;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The enumerator in checkpoints; versioned as {@link KinesisShardSplitSerializer} is.
 *
 * <pre>
 *   version 1: number of finished shards, their ids
 *   version 2: name of the stream, number of finished shards, their ids
 * </pre>
 */
final class KinesisStreamsSourceEnumeratorStateSerializer
    implements SimpleVersionedSerializer<KinesisStreamsSourceEnumeratorState> {

  private static final int WITHOUT_STREAM_NAME = 1;
  private static final int VERSION = 2;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(KinesisStreamsSourceEnumeratorState state) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeUTF(state.streamName());
    out.writeInt(state.finished().size());
    for (String shardId : state.finished()) out.writeUTF(shardId);
    return out.getCopyOfBuffer();
  }

  @Override
  public KinesisStreamsSourceEnumeratorState deserialize(int version, byte[] bytes)
      throws IOException {
    StateVersions.requireKnown("enumerator state", version, VERSION);
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    String streamName = version == WITHOUT_STREAM_NAME ? null : in.readUTF();
    int size = in.readInt();
    Set<String> finished = new LinkedHashSet<>();
    for (int i = 0; i < size; i++) finished.add(in.readUTF());
    return new KinesisStreamsSourceEnumeratorState(streamName, finished);
  }
}
