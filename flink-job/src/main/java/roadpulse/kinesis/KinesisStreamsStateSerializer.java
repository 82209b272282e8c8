package roadpulse.kinesis;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Entries that wait to be put, in checkpoints. */
final class KinesisStreamsStateSerializer
    extends AsyncSinkWriterStateSerializer<PutRecordsRequestEntry> {

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public BufferedRequestState<PutRecordsRequestEntry> deserialize(int version, byte[] bytes)
      throws IOException {
    StateVersions.requireKnown("buffered records", version, VERSION);
    return super.deserialize(version, bytes);
  }

  @Override
  protected void serializeRequestToStream(PutRecordsRequestEntry entry, DataOutputStream out)
      throws IOException {
    byte[] data = entry.data().asByteArrayUnsafe();
    out.writeUTF(entry.partitionKey());
    out.writeInt(data.length);
    out.write(data);
  }

  @Override
  protected PutRecordsRequestEntry deserializeRequestFromStream(long size, DataInputStream in)
      throws IOException {
    String partitionKey = in.readUTF();
    byte[] data = new byte[in.readInt()];
    in.readFully(data);
    return PutRecordsRequestEntry.builder()
        .partitionKey(partitionKey)
        .data(SdkBytes.fromByteArrayUnsafe(data))
        .build();
  }
}
