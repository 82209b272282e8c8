package roadpulse.kinesis;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.DequeRequestBuffer;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.RequestBuffer;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.SimpleBatchCreator;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.metrics.Counter;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Batches, back-pressure and state are Flink's, and so are the metrics but for {@code
 * numRecordsSendErrors}; this adds what a batch is worth and how it is sent.
 */
class KinesisStreamsSinkWriter<T> extends AsyncSinkWriter<T, PutRecordsRequestEntry> {

  final MailboxExecutor mailbox;
  private final Counter sendErrors;
  private final PutRecordsSender sender;

  KinesisStreamsSinkWriter(
      ElementConverter<T, PutRecordsRequestEntry> converter,
      WriterInitContext context,
      AsyncSinkWriterConfiguration configuration,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered,
      PutRecordsSender sender) {
    this(converter, context, configuration, recovered, sender, new DequeRequestBuffer<>());
  }

  KinesisStreamsSinkWriter(
      ElementConverter<T, PutRecordsRequestEntry> converter,
      WriterInitContext context,
      AsyncSinkWriterConfiguration configuration,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered,
      PutRecordsSender sender,
      RequestBuffer<PutRecordsRequestEntry> buffer) {
    super(
        converter,
        context,
        configuration,
        recovered,
        new SimpleBatchCreator<>(configuration.getMaxBatchSizeInBytes()),
        buffer);
    this.mailbox = context.getMailboxExecutor();
    this.sendErrors = context.metricGroup().getNumRecordsSendErrorsCounter();
    this.sender = sender;
  }

  @Override
  protected void submitRequestEntries(
      List<PutRecordsRequestEntry> batch, ResultHandler<PutRecordsRequestEntry> result) {
    sender.send(batch, new OnTaskThread(batch, result));
  }

  /** What goes back into the buffer when a request has ended. */
  List<PutRecordsRequestEntry> settle(
      List<PutRecordsRequestEntry> batch, List<PutRecordsRequestEntry> failed) {
    return failed;
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

  /** Takes results from the sender's threads to the task's. */
  private final class OnTaskThread implements ResultHandler<PutRecordsRequestEntry> {

    private final List<PutRecordsRequestEntry> batch;
    private final ResultHandler<PutRecordsRequestEntry> result;

    OnTaskThread(List<PutRecordsRequestEntry> batch, ResultHandler<PutRecordsRequestEntry> result) {
      this.batch = batch;
      this.result = result;
    }

    @Override
    public void complete() {
      retryForEntries(List.of());
    }

    @Override
    public void retryForEntries(List<PutRecordsRequestEntry> failed) {
      mailbox.execute(
          () -> {
            sendErrors.inc(failed.size());
            result.retryForEntries(settle(batch, failed));
          },
          "%s of %s records were not taken",
          failed.size(),
          batch.size());
    }

    @Override
    public void completeExceptionally(Exception fault) {
      result.completeExceptionally(fault);
    }
  }
}
