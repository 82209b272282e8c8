package roadpulse.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/** A stream that remembers what was put, and refuses what a test wants it to. */
final class PutStream implements KinesisClient {

  private static final PutRecordsResultEntry TAKEN =
      PutRecordsResultEntry.builder().sequenceNumber("1").shardId("shard").build();
  private static final PutRecordsResultEntry REFUSED =
      PutRecordsResultEntry.builder()
          .errorCode("ProvisionedThroughputExceededException")
          .errorMessage("slow down")
          .build();

  final List<PutRecordsRequest> requests = new ArrayList<>();

  /** Entries in the order in which the stream has them. */
  final List<PutRecordsRequestEntry> taken = new ArrayList<>();

  /**
   * Called before anything of a request is taken, and after: what they throw, the client throws.
   */
  Consumer<PutRecordsRequest> before = request -> {};

  Consumer<PutRecordsRequest> after = request -> {};

  Predicate<PutRecordsRequestEntry> refuses = entry -> false;

  @Override
  public PutRecordsResponse putRecords(PutRecordsRequest request) {
    before.accept(request);
    requests.add(request);
    List<PutRecordsResultEntry> results = new ArrayList<>();
    for (PutRecordsRequestEntry entry : request.records()) {
      boolean refused = refuses.test(entry);
      if (!refused) taken.add(entry);
      results.add(refused ? REFUSED : TAKEN);
    }
    after.accept(request);
    int failed = (int) results.stream().filter(result -> result == REFUSED).count();
    return PutRecordsResponse.builder().failedRecordCount(failed).records(results).build();
  }

  List<String> takenTexts() {
    return taken.stream().map(entry -> entry.data().asUtf8String()).toList();
  }

  @Override
  public String serviceName() {
    return "kinesis";
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
