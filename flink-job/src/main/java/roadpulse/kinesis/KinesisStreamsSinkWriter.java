package roadpulse.kinesis;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Batches, back-pressure and state are Flink's; this adds what a batch is worth and how it is sent.
 */
final class KinesisStreamsSinkWriter<T> extends AsyncSinkWriter<T, PutRecordsRequestEntry> {

  private final PutRecordsSender sender;

  KinesisStreamsSinkWriter(
      ElementConverter<T, PutRecordsRequestEntry> converter,
      WriterInitContext context,
      AsyncSinkWriterConfiguration configuration,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered,
      PutRecordsSender sender) {
    super(converter, context, configuration, recovered);
    this.sender = sender;
  }

  @Override
  protected void submitRequestEntries(
      List<PutRecordsRequestEntry> batch, ResultHandler<PutRecordsRequestEntry> result) {
    sender.send(batch, result);
  }

  /** As Kinesis counts: the bytes of the data and of the key. */
  @Override
  protected long getSizeInBytes(PutRecordsRequestEntry entry) {
    return entry.data().asByteArrayUnsafe().length
        + entry.partitionKey().getBytes(StandardCharsets.UTF_8).length;
  }

  @Override
  public void close() {
    sender.close();
    super.close();
  }
}
