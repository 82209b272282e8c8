package roadpulse.kinesis;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executors;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Writes to a Kinesis stream with PutRecords, at least once: what is buffered is in the checkpoint,
 * what failed is tried again until it is taken, and only what failed. It drops nothing; an element
 * above Kinesis' limit fails the job, so whoever feeds the sink keeps those out.
 *
 * @param <T> the type of the elements
 */
public final class KinesisStreamsSink<T> extends AsyncSinkBase<T, PutRecordsRequestEntry> {

  private final String streamName;
  private final KinesisClientFactory clients;
  private final boolean orderPerKey;

  KinesisStreamsSink(
      String streamName,
      KinesisClientFactory clients,
      ElementConverter<T, PutRecordsRequestEntry> converter,
      PutLimits limits,
      boolean orderPerKey) {
    super(
        converter,
        limits.maxBatchSize(),
        limits.maxInFlightRequests(),
        limits.maxBufferedRequests(),
        limits.maxBatchBytes(),
        limits.maxTimeInBufferMs(),
        limits.maxRecordBytes());
    this.streamName = streamName;
    this.clients = clients;
    this.orderPerKey = orderPerKey;
  }

  public static <T> KinesisStreamsSinkBuilder<T> builder() {
    return new KinesisStreamsSinkBuilder<>();
  }

  @Override
  public StatefulSinkWriter<T, BufferedRequestState<PutRecordsRequestEntry>> createWriter(
      WriterInitContext context) {
    return restoreWriter(context, List.of());
  }

  @Override
  public StatefulSinkWriter<T, BufferedRequestState<PutRecordsRequestEntry>> restoreWriter(
      WriterInitContext context,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered) {
    PutRecordsSender sender =
        new PutRecordsSender(
            clients.create(),
            streamName,
            Executors.newScheduledThreadPool(
                getMaxInFlightRequests(), new ExecutorThreadFactory("kinesis-put")));
    return newWriter(context, recovered, sender);
  }

  KinesisStreamsSinkWriter<T> newWriter(
      WriterInitContext context,
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered,
      PutRecordsSender sender) {
    AsyncSinkWriterConfiguration configuration =
        AsyncSinkWriterConfiguration.builder()
            .setMaxBatchSize(getMaxBatchSize())
            .setMaxBatchSizeInBytes(getMaxBatchSizeInBytes())
            .setMaxInFlightRequests(getMaxInFlightRequests())
            .setMaxBufferedRequests(getMaxBufferedRequests())
            .setMaxTimeInBufferMS(getMaxTimeInBufferMS())
            .setMaxRecordSizeInBytes(getMaxRecordSizeInBytes())
            .setRateLimitingStrategy(new InFlightLimit(getMaxInFlightRequests(), getMaxBatchSize()))
            // The client gives up long before. If it does not, to put a batch beside itself would
            // break the order.
            .setFailOnTimeout(true)
            .build();
    return orderPerKey
        ? new OrderedSinkWriter<>(
            getElementConverter(),
            context,
            configuration,
            recovered,
            sender,
            new OrderedRequestBuffer())
        : new KinesisStreamsSinkWriter<>(
            getElementConverter(), context, configuration, recovered, sender);
  }

  @Override
  public SimpleVersionedSerializer<BufferedRequestState<PutRecordsRequestEntry>>
      getWriterStateSerializer() {
    return new KinesisStreamsStateSerializer();
  }
}
