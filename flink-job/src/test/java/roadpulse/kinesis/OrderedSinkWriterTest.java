package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Elements are "key:number"; the numbers of a key count up. */
class OrderedSinkWriterTest {

  private static final long LINGER_MS = 200;
  private static final PutLimits LIMITS =
      new PutLimits(10, 5 * 1024 * 1024, 1024 * 1024, 4, 40, LINGER_MS);

  private final ManualTime time = new ManualTime(1_800_000_000_000L);
  private ManualWriterContext context = new ManualWriterContext(time);
  private final PutStream stream = new PutStream();
  private Random random = new Random(1);

  @Test
  void aRefusedRecordGoesAgainBeforeTheNextOfItsKeyAndHoldsUpNoOtherKey() throws Exception {
    stream.refuses = entry -> entry.partitionKey().equals("a");
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    write(writer, "a:1", "a:2", "b:1", "b:2");
    context.run(Duration.ofSeconds(1));
    assertThat(stream.takenTexts()).containsExactly("b:1", "b:2");
    stream.refuses = entry -> false;
    context.run(Duration.ofSeconds(5));
    assertThat(stream.takenTexts()).containsExactly("b:1", "b:2", "a:1", "a:2");
  }

  @Test
  void atMostOneRecordOfAKeyIsUnderWay() throws Exception {
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    write(writer, "a:1", "a:2", "b:1", "a:3");
    context.run(Duration.ofSeconds(1));
    assertThat(stream.requests)
        .extracting(request -> texts(request.records()))
        .containsExactly(List.of("a:1", "b:1"), List.of("a:2"), List.of("a:3"));
  }

  @Test
  void whatWaitedBehindAnotherDoesNotWaitForTheTimerToo() throws Exception {
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    for (int i = 1; i <= 20; i++) write(writer, "a:" + i);
    context.run(Duration.ofMillis(2 * LINGER_MS));
    assertThat(stream.taken).hasSize(20);
  }

  @Test
  void aCheckpointHoldsWhatWaitsAndDoesNotWaitForItItself() throws Exception {
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    for (int i = 1; i <= 20; i++) write(writer, "a:" + i);
    write(writer, "b:1", "b:2", "c:1", "d:1", "e:1", "f:1", "g:1", "h:1", "i:1", "j:1");
    writer.flush(false);
    assertThat(stream.taken).hasSize(10);
    List<BufferedRequestState<PutRecordsRequestEntry>> state = writer.snapshotState(1);
    assertThat(buffered(state)).hasSize(20);

    writer.close();
    writer = writer(state);
    context.run(Duration.ofSeconds(2));
    assertThat(numbersOf("a")).isEqualTo(IntStream.rangeClosed(1, 20).boxed().toList());
    assertThat(numbersOf("b")).containsExactly(1, 2);
  }

  @Test
  void aCheckpointLeavesNothingStuckBehind() throws Exception {
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    for (int i = 1; i <= 20; i++) write(writer, "a:" + i);
    context.run(Duration.ofMillis(LINGER_MS));
    writer.flush(false);
    context.run(Duration.ofSeconds(2));
    assertThat(stream.taken).hasSize(20);
  }

  @Test
  void aFullBufferHoldsTheTaskBackAlthoughOnlyOneRecordCanBePut() throws Exception {
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    for (int i = 1; i <= 200; i++) {
      write(writer, "a:" + i);
      assertThat(buffered(writer.snapshotState(1))).hasSizeLessThanOrEqualTo(40);
    }
    writer.flush(true);
    assertThat(numbersOf("a")).isEqualTo(IntStream.rangeClosed(1, 200).boxed().toList());
  }

  /** Refused records, throttled requests, lost answers, checkpoints and crashes at random. */
  @ParameterizedTest
  @MethodSource("seeds")
  void eachKeyKeepsItsOrderAndNothingStaysStuckWhateverFails(int seed) throws Exception {
    random = new Random(seed);
    Map<String, Integer> written = new HashMap<>();
    Map<String, Integer> writtenAtCheckpoint = Map.of();
    List<BufferedRequestState<PutRecordsRequestEntry>> checkpoint = List.of();
    List<Integer> crashes = new ArrayList<>();
    failAtRandom();
    KinesisStreamsSinkWriter<String> writer = writer(List.of());
    for (int step = 0; step < 400; step++) {
      // A few keys often, many once.
      String key = random.nextInt(3) == 0 ? "once-" + step : "key-" + random.nextInt(5);
      write(writer, key + ":" + written.merge(key, 1, Integer::sum));
      if (random.nextInt(4) == 0) context.run(Duration.ofMillis(random.nextInt(300)));
      if (random.nextInt(40) == 0) {
        writer.flush(false);
        checkpoint = writer.snapshotState(step);
        writtenAtCheckpoint = new HashMap<>(written);
      } else if (random.nextInt(80) == 0) {
        writer.close();
        // Who has crashed has no mailbox any more, in which its timers could wake it.
        context = new ManualWriterContext(time);
        crashes.add(stream.taken.size());
        written = new HashMap<>(writtenAtCheckpoint);
        writer = writer(checkpoint);
      }
    }
    stream.refuses = entry -> false;
    stream.before = request -> {};
    stream.after = request -> {};
    // By its timers alone, without a flush.
    context.run(Duration.ofSeconds(15));
    assertThat(buffered(writer.snapshotState(1_000))).isEmpty();
    List<String> taken = stream.takenTexts();
    written.forEach((key, count) -> assertThat(taken).contains(key + ':' + count));
    assertThatEachKeyIsInOrder(crashes);
  }

  static IntStream seeds() {
    return IntStream.rangeClosed(1, 60);
  }

  private void failAtRandom() {
    stream.refuses = entry -> random.nextInt(5) == 0;
    stream.before =
        request -> {
          if (random.nextInt(8) == 0) {
            throw ProvisionedThroughputExceededException.builder().message("slow down").build();
          }
        };
    stream.after =
        request -> {
          if (random.nextInt(12) == 0) {
            throw SdkClientException.create("lost", new SocketTimeoutException());
          }
        };
  }

  /** A record may come again, when its answer was lost; only after a crash may older ones come. */
  private void assertThatEachKeyIsInOrder(List<Integer> crashes) {
    Map<String, Integer> last = new HashMap<>();
    Map<String, Integer> highest = new HashMap<>();
    List<String> taken = stream.takenTexts();
    for (int i = 0; i < taken.size(); i++) {
      if (crashes.contains(i)) last.clear();
      String[] parts = taken.get(i).split(":");
      int number = Integer.parseInt(parts[1]);
      int before = last.getOrDefault(parts[0], -1);
      int soFar = highest.getOrDefault(parts[0], 0);
      assertThat(number)
          .as("%s after %s, so far up to %s", taken.get(i), before, soFar)
          .isBetween(Math.max(before, 1), before == -1 ? soFar + 1 : before + 1);
      last.put(parts[0], number);
      highest.merge(parts[0], number, Math::max);
    }
  }

  private KinesisStreamsSinkWriter<String> writer(
      Collection<BufferedRequestState<PutRecordsRequestEntry>> recovered) {
    KinesisStreamsSink<String> sink =
        new KinesisStreamsSink<>(
            "stream",
            new ServiceClients("us-east-1", null),
            new KinesisStreamsSinkElementConverter<>(
                text -> text.getBytes(StandardCharsets.UTF_8),
                text -> text.substring(0, text.indexOf(':'))),
            LIMITS,
            true);
    return sink.newWriter(
        context,
        recovered,
        new PutRecordsSender(stream, "stream", time.executor(() -> 1 + random.nextInt(10))));
  }

  private static void write(KinesisStreamsSinkWriter<String> writer, String... texts)
      throws Exception {
    for (String text : texts) writer.write(text, null);
  }

  private List<Integer> numbersOf(String key) {
    return stream.takenTexts().stream()
        .filter(text -> text.startsWith(key + ":"))
        .map(text -> Integer.valueOf(text.substring(text.indexOf(':') + 1)))
        .toList();
  }

  private static List<String> buffered(List<BufferedRequestState<PutRecordsRequestEntry>> state) {
    return texts(
        state.get(0).getBufferedRequestEntries().stream()
            .map(wrapper -> wrapper.getRequestEntry())
            .toList());
  }

  private static List<String> texts(List<PutRecordsRequestEntry> entries) {
    return entries.stream().map(entry -> entry.data().asUtf8String()).toList();
  }
}
