package roadpulse.kinesis;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Keeps the order of each partition key, by what {@link OrderedRequestBuffer} lets it see. */
final class OrderedSinkWriter<T> extends KinesisStreamsSinkWriter<T> {

  private final OrderedRequestBuffer buffer;
  private final int maxBufferedRequests;

  OrderedSinkWriter(
      ElementConverter<T, PutRecordsRequestEntry> converter,
      WriterInitContext context,
      AsyncSinkWriterConfiguration configuration,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered,
      PutRecordsSender sender,
      OrderedRequestBuffer buffer) {
    super(converter, context, configuration, recovered, sender, buffer);
    this.buffer = buffer;
    this.maxBufferedRequests = configuration.getMaxBufferedRequests();
  }

  /** What waits behind another entry takes memory too, and only the end of a request frees it. */
  @Override
  public void write(T element, Context context) throws IOException, InterruptedException {
    while (buffer.sizeWithWaiting() >= maxBufferedRequests) mailbox.yield();
    super.write(element, context);
  }

  /** A checkpoint waits for what is in flight, and not for all that is behind it. */
  @Override
  public void flush(boolean endOfInput) throws InterruptedException {
    buffer.setPatient(!endOfInput);
    try {
      super.flush(endOfInput);
    } finally {
      buffer.setPatient(false);
    }
  }

  @Override
  List<PutRecordsRequestEntry> settle(
      List<PutRecordsRequestEntry> batch, List<PutRecordsRequestEntry> failed) {
    return buffer.settle(batch, failed);
  }
}
