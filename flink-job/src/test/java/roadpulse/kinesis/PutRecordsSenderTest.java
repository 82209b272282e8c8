package roadpulse.kinesis;

import static java.util.concurrent.Executors.newSingleThreadScheduledExecutor;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

class PutRecordsSenderTest {

  private static final List<PutRecordsRequestEntry> BATCH =
      List.of(entry("a"), entry("b"), entry("c"));

  @Test
  void onlyWhatFailedIsPutAgain() throws Exception {
    PutRecordsResponse response =
        PutRecordsResponse.builder()
            .failedRecordCount(1)
            .records(
                taken(),
                PutRecordsResultEntry.builder()
                    .errorCode("ProvisionedThroughputExceededException")
                    .errorMessage("slow down")
                    .build(),
                taken())
            .build();
    assertThat(send(request -> response)).isEqualTo("again: b");
  }

  @Test
  void aBatchThatWasTakenIsComplete() throws Exception {
    PutRecordsResponse response =
        PutRecordsResponse.builder().records(taken(), taken(), taken()).build();
    assertThat(send(request -> response)).isEqualTo("complete");
  }

  @Test
  void aBatchWithoutAnAnswerIsPutAgain() throws Exception {
    String result =
        send(
            request -> {
              throw SdkClientException.create("refused", new ConnectException());
            });
    assertThat(result).isEqualTo("again: abc");
  }

  @Test
  void aStreamThatIsGoneIsFatal() throws Exception {
    String result =
        send(
            request -> {
              throw ResourceNotFoundException.builder().statusCode(400).message("gone").build();
            });
    assertThat(result).isEqualTo("fatal: MissingStreamException");
  }

  @Test
  void aMissingCredentialIsFatalAndNotTriedForEver() throws Exception {
    String result =
        send(
            request -> {
              throw SdkClientException.create("no credentials");
            });
    assertThat(result).isEqualTo("fatal: SdkClientException");
  }

  private static String send(Function<PutRecordsRequest, PutRecordsResponse> service)
      throws Exception {
    CompletableFuture<String> result = new CompletableFuture<>();
    try (PutRecordsSender sender =
        new PutRecordsSender(client(service), "stream", newSingleThreadScheduledExecutor())) {
      sender.send(BATCH, new Result(result));
      return result.get(10, TimeUnit.SECONDS);
    }
  }

  private static KinesisClient client(Function<PutRecordsRequest, PutRecordsResponse> service) {
    return new KinesisClient() {
      @Override
      public PutRecordsResponse putRecords(PutRecordsRequest request) {
        return service.apply(request);
      }

      @Override
      public String serviceName() {
        return "kinesis";
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
  }

  private static PutRecordsRequestEntry entry(String data) {
    return PutRecordsRequestEntry.builder()
        .partitionKey("key")
        .data(SdkBytes.fromUtf8String(data))
        .build();
  }

  private static PutRecordsResultEntry taken() {
    return PutRecordsResultEntry.builder().sequenceNumber("1").shardId("shard").build();
  }

  private record Result(CompletableFuture<String> result)
      implements ResultHandler<PutRecordsRequestEntry> {
    @Override
    public void complete() {
      result.complete("complete");
    }

    @Override
    public void completeExceptionally(Exception fault) {
      result.complete("fatal: " + fault.getClass().getSimpleName());
    }

    @Override
    public void retryForEntries(List<PutRecordsRequestEntry> entries) {
      StringBuilder again = new StringBuilder("again: ");
      for (PutRecordsRequestEntry entry : entries) again.append(entry.data().asUtf8String());
      result.complete(again.toString());
    }
  }
}
