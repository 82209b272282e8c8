package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Elements are their bytes; each has a partition key of its own, of {@value #KEY_BYTES} bytes. */
class KinesisStreamsSinkWriterTest {

  private static final int KIB = 1024;
  private static final int KEY_BYTES = 200;

  private final ManualTime time = new ManualTime(1_800_000_000_000L);
  private final ManualWriterContext context = new ManualWriterContext(time);
  private final PutStream stream = new PutStream();
  private int keys;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestHoldsAtMost500Records(boolean orderPerKey) throws Exception {
    KinesisStreamsSinkWriter<byte[]> writer = writer(orderPerKey);
    for (int i = 0; i < 1_200; i++) writer.write(new byte[10], null);
    writer.flush(true);
    assertThat(stream.taken).hasSize(1_200);
    assertThat(stream.requests)
        .extracting(request -> request.records().size())
        .contains(500)
        .allMatch(size -> size <= 500);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestHoldsAtMost5MebibytesOfWhichTheKeysAreAPart(boolean orderPerKey) throws Exception {
    KinesisStreamsSinkWriter<byte[]> writer = writer(orderPerKey);
    // Without their keys, five more of them would fit.
    for (int i = 0; i < 600; i++) writer.write(new byte[16 * KIB - KEY_BYTES / 2], null);
    writer.flush(true);
    assertThat(stream.taken).hasSize(600);
    assertThat(stream.requests)
        .extracting(KinesisStreamsSinkWriterTest::bytesOf)
        .allMatch(bytes -> bytes <= 5 * KIB * KIB)
        .anyMatch(bytes -> bytes > 4.9 * KIB * KIB);
  }

  /** Whoever feeds the sink keeps such elements out; dropped without a word they are not. */
  @Test
  void anElementThatIsTooLargeWithItsKeyFailsTheJob() throws Exception {
    KinesisStreamsSinkWriter<byte[]> writer = writer(true);
    writer.write(new byte[KIB * KIB - KEY_BYTES], null);
    assertThatThrownBy(() -> writer.write(new byte[KIB * KIB - KEY_BYTES + 1], null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsSentAndWhatWasRefusedIsCounted(boolean orderPerKey) throws Exception {
    KinesisStreamsSinkWriter<byte[]> writer = writer(orderPerKey);
    stream.refuses = entry -> stream.requests.size() == 1 && entry.partitionKey().startsWith("1-");
    for (int i = 0; i < 3; i++) writer.write(new byte[100], null);
    context.run(Duration.ofSeconds(2));
    assertThat(stream.taken).hasSize(3);
    // An attempt counts, as in every sink of this kind; so does its failure.
    assertThat(context.metricGroup().getNumRecordsSendCounter().getCount()).isEqualTo(4);
    assertThat(context.metricGroup().getNumBytesSendCounter().getCount())
        .isEqualTo(4 * (100 + KEY_BYTES));
    assertThat(context.metricGroup().getNumRecordsSendErrorsCounter().getCount()).isEqualTo(1);
  }

  private KinesisStreamsSinkWriter<byte[]> writer(boolean orderPerKey) {
    KinesisStreamsSink<byte[]> sink =
        new KinesisStreamsSink<>(
            "stream",
            new ServiceClients("us-east-1", null),
            new KinesisStreamsSinkElementConverter<>(
                bytes -> bytes,
                bytes -> "%s-%s".formatted(keys++, "x".repeat(KEY_BYTES)).substring(0, KEY_BYTES)),
            PutLimits.ofService(200),
            orderPerKey);
    return sink.newWriter(
        context, List.of(), new PutRecordsSender(stream, "stream", time.executor()));
  }

  private static long bytesOf(PutRecordsRequest request) {
    long bytes = 0;
    for (PutRecordsRequestEntry entry : request.records()) {
      bytes += entry.data().asByteArrayUnsafe().length + entry.partitionKey().length();
    }
    return bytes;
  }
}
