package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.Record;

/** When a shard is read, by one who takes each page at once. */
class ShardPollerPaceTest {

  private static final String SHARD = "shardId-000000000000";
  private static final int CALLS_PER_SECOND = 5;
  private static final double BYTES_PER_SECOND = 2 * 1024 * 1024;
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  private final ManualTime time = new ManualTime(1_800_000_000_000L);
  private final FakeStream stream = new FakeStream(time, 1);
  private final Random random = new Random(3);

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.5})
  void aShardIsCalledMoreOftenThanItsShareAllows(double share) {
    start(share, page -> {});
    for (int i = 0; i < 2_000; i++) {
      switch (random.nextInt(8)) {
        case 0 -> throttle(1 + random.nextInt(3));
        case 1 -> stream.expireIterators();
        default -> stream.put("key", new byte[10], 0);
      }
      time.advance(Duration.ofMillis(random.nextInt(4_000)));
    }
    List<Long> calls = stream.readsAt();
    assertThat(calls.size()).isGreaterThan(5_000);
    for (int i = CALLS_PER_SECOND; i < calls.size(); i++) {
      assertThat(calls.get(i) - calls.get(i - CALLS_PER_SECOND))
          .as("ms in which %d calls follow another, at a share of %s", CALLS_PER_SECOND, share)
          .isGreaterThanOrEqualTo((long) (1_000 / share));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0.5})
  void aShardIsReadFasterThanItsShareAllows(double share) {
    for (int i = 0; i < 2_000; i++) stream.put("key", new byte[random.nextInt(300 * 1_024)], 0);
    List<Long> readAt = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    start(
        share,
        page -> {
          readAt.add(time.millis());
          bytes.add(bytesOf(page));
          if (random.nextInt(3) == 0) throttle(1);
        });
    time.advance(Duration.ofMinutes(2));
    assertThat(bytes.size()).isGreaterThan(20);
    for (int from = 0; from < bytes.size(); from++) {
      long sum = 0;
      for (int to = from + 1; to < bytes.size(); to++) {
        // A page's size is known when it was read: it is paid back until the next one.
        sum += bytes.get(to - 1);
        assertThat(1_000 * sum / (BYTES_PER_SECOND * share))
            .as("ms that pages %d to %d take at a share of %s", from, to - 1, share)
            .isLessThanOrEqualTo(readAt.get(to) - readAt.get(from));
      }
    }
  }

  @Test
  void aThrottledShardIsNotLeftInPeaceForLongerAndLonger() {
    throttle(200);
    start(1, page -> {});
    time.advance(LONGEST_BACKOFF.multipliedBy(200));
    List<Long> waits = waits().subList(0, 200);
    assertThat(waits).allMatch(wait -> wait <= LONGEST_BACKOFF.toMillis());
    assertThat(mean(waits.subList(0, 2))).isEqualTo(200);
    assertThat(mean(waits.subList(10, 200)))
        .as("half the longest, for each wait is drawn from all below a ceiling")
        .isBetween(2_000.0, 3_000.0);
  }

  @Test
  void aShardThatAnswersAgainStillPaysForFormerFaults() {
    start(1, page -> {});
    for (int round = 0; round < 20; round++) {
      throttle(10);
      time.advance(LONGEST_BACKOFF.multipliedBy(11));
      int answered = stream.readsAt().size();
      throttle(1);
      time.advance(LONGEST_BACKOFF.multipliedBy(3));
      assertThat(waits().subList(answered, answered + 3))
          .as("waits around a single fault: by the pace, not by the back-off")
          .allMatch(wait -> wait <= 250);
    }
  }

  /** Takes each page when it is handed over. */
  private void start(double share, Consumer<ShardPage> onPage) {
    ShardPoller[] poller = new ShardPoller[1];
    ShardPoller.Pages pages =
        new ShardPoller.Pages() {
          @Override
          public void hand(ShardPage page) {
            onPage.accept(page);
            poller[0].pageTaken();
          }

          @Override
          public void fail(String shardId, Throwable fault) {
            throw new AssertionError(shardId, fault);
          }
        };
    poller[0] =
        new ShardPoller(
            KinesisShardSplit.unread(SHARD),
            stream,
            time.executor(),
            pages,
            new ReadPace(share),
            time);
    poller[0].start();
  }

  private void throttle(int reads) {
    for (int i = 0; i < reads; i++) {
      stream.failNextRead(ProvisionedThroughputExceededException.builder().message("slow").build());
    }
  }

  /** Milliseconds from each call to the next. */
  private List<Long> waits() {
    List<Long> calls = stream.readsAt();
    List<Long> waits = new ArrayList<>();
    for (int i = 1; i < calls.size(); i++) waits.add(calls.get(i) - calls.get(i - 1));
    return waits;
  }

  private static double mean(List<Long> values) {
    return values.stream().mapToLong(value -> value).average().orElseThrow();
  }

  private static long bytesOf(ShardPage page) {
    long bytes = 0;
    for (Record record : page.records()) bytes += record.data().asByteArrayUnsafe().length;
    return bytes;
  }
}
