package roadpulse.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * Sends batches, one request a thread, and hands back what is to be put again, after a delay. The
 * delay grows while nothing is taken; a batch that was taken in parts only met a hot shard.
 */
final class PutRecordsSender implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PutRecordsSender.class);

  private final KinesisClient client;
  private final String streamName;
  private final ScheduledExecutorService executor;

  /** Shared by all requests: what throttles one throttles the others. */
  private final Backoff backoff = new Backoff();

  /** `executor` belongs to the sender; it needs a thread for each request at a time. */
  PutRecordsSender(KinesisClient client, String streamName, ScheduledExecutorService executor) {
    this.client = client;
    this.streamName = streamName;
    this.executor = executor;
  }

  void send(List<PutRecordsRequestEntry> batch, ResultHandler<PutRecordsRequestEntry> result) {
    executor.execute(() -> put(batch, result));
  }

  private void put(
      List<PutRecordsRequestEntry> batch, ResultHandler<PutRecordsRequestEntry> result) {
    try {
      PutRecordsResponse response =
          client.putRecords(request -> request.streamName(streamName).records(batch));
      List<PutRecordsRequestEntry> failed = failedOf(batch, response);
      if (failed.size() < batch.size()) resetBackoff();
      if (failed.isEmpty()) {
        result.complete();
      } else {
        retryLater(failed, result, firstFaultOf(response));
      }
    } catch (Exception fault) {
      if (KinesisFaults.isTransient(fault)) {
        retryLater(batch, result, fault.toString());
      } else {
        result.completeExceptionally(
            fault instanceof ResourceNotFoundException missing
                ? new MissingStreamException(streamName, missing)
                : fault);
      }
    }
  }

  private static List<PutRecordsRequestEntry> failedOf(
      List<PutRecordsRequestEntry> batch, PutRecordsResponse response) {
    List<PutRecordsRequestEntry> failed = new ArrayList<>();
    List<PutRecordsResultEntry> results = response.records();
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).errorCode() != null) failed.add(batch.get(i));
    }
    return failed;
  }

  private static String firstFaultOf(PutRecordsResponse response) {
    return response.records().stream()
        .filter(entry -> entry.errorCode() != null)
        .findFirst()
        .map(entry -> entry.errorCode() + ": " + entry.errorMessage())
        .orElseThrow();
  }

  private void retryLater(
      List<PutRecordsRequestEntry> failed,
      ResultHandler<PutRecordsRequestEntry> result,
      String reason) {
    long delayMs;
    synchronized (backoff) {
      delayMs = backoff.next();
    }
    LOG.warn("{} records were not taken, trying again in {}ms: {}", failed.size(), delayMs, reason);
    executor.schedule(() -> result.retryForEntries(failed), delayMs, TimeUnit.MILLISECONDS);
  }

  private void resetBackoff() {
    synchronized (backoff) {
      backoff.reset();
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    client.close();
  }
}
