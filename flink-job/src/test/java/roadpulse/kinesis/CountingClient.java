package roadpulse.kinesis;

import java.util.concurrent.atomic.LongAdder;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

/** A client that counts, for all of its kind in this JVM, what Kinesis has taken. */
final class CountingClient implements KinesisClient {

  static final LongAdder TAKEN = new LongAdder();

  private final KinesisClient client;

  CountingClient(KinesisClient client) {
    this.client = client;
  }

  @Override
  public PutRecordsResponse putRecords(PutRecordsRequest request) {
    PutRecordsResponse response = client.putRecords(request);
    TAKEN.add(request.records().size() - response.failedRecordCount());
    return response;
  }

  @Override
  public String serviceName() {
    return client.serviceName();
  }

  @Override
  public void close() {
    client.close();
  }
}
