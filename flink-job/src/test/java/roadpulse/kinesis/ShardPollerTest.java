package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

class ShardPollerTest {

  private static final String SHARD = "shardId-000000000000";
  private static final long NOW = 1_800_000_000_000L;

  private final ManualTime time = new ManualTime(NOW);
  private final FakeStream stream = new FakeStream(time, 1);
  private final Pages pages = new Pages();

  @Test
  void readsFromTheOldestRecord() {
    put("a", "b");
    start(KinesisShardSplit.unread(SHARD));
    assertThat(pages.records()).containsExactly("a", "b");
  }

  @Test
  void goesOnAfterTheLastRecordOfTheCheckpoint() {
    String last = put("a", "b");
    put("c");
    start(new KinesisShardSplit(SHARD, ShardPosition.after(last), NOW));
    assertThat(pages.records()).containsExactly("c");
  }

  @Test
  void readsNoFurtherUntilThePageIsTaken() {
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    put("a");
    time.advance(Duration.ofSeconds(10));
    assertThat(stream.readsAt()).hasSize(1);
    poller.pageTaken();
    time.advance(Duration.ofSeconds(10));
    assertThat(pages.records()).containsExactly("a");
  }

  @Test
  void anEmptyPageInTheMiddleOfAShardIsNotItsTip() {
    stream.emptyNextRead(60_000);
    put("a");
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    assertThat(pages.handed.get(0).atTip()).isFalse();
    poller.pageTaken();
    time.advance(Duration.ofMillis(200));
    assertThat(pages.records()).containsExactly("a");
  }

  @Test
  void aPageHoldsAboutTwoMebibytesWhateverSizeItsRecordsHave() {
    byte[] small = new byte[1_024];
    byte[] large = new byte[100 * 1_024];
    for (int i = 0; i < 6_000; i++) stream.put("key", i / 2_000 == 1 ? large : small, 0);
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    for (int page = 0; page < 200; page++) {
      poller.pageTaken();
      time.advance(Duration.ofMinutes(1));
    }
    assertThat(pages.handed.stream().mapToInt(page -> page.records().size()).sum())
        .isEqualTo(6_000);
    assertThat(pages.handed)
        .extracting(ShardPollerTest::bytesOf)
        .anyMatch(bytes -> bytes > 1_900_000)
        .filteredOn(bytes -> bytes > 2.1 * 1024 * 1024)
        .as("only where the records grew, and never more than Kinesis gives at once")
        .hasSizeLessThanOrEqualTo(2)
        .allMatch(bytes -> bytes <= 10 * 1024 * 1024);
  }

  private static long bytesOf(ShardPage page) {
    return page.records().stream().mapToLong(one -> one.data().asByteArrayUnsafe().length).sum();
  }

  @Test
  void anExpiredIteratorSkipsAndRepeatsNothing() {
    put("a");
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    stream.expireIterators();
    put("b");
    poller.pageTaken();
    time.advance(Duration.ofSeconds(1));
    assertThat(pages.records()).containsExactly("a", "b");
  }

  @Test
  void whatPassesByItselfIsTriedAgain() {
    put("a");
    stream.failNextRead(ProvisionedThroughputExceededException.builder().message("slow").build());
    stream.failNextRead(
        ResourceNotFoundException.builder().message("gateway").statusCode(503).build());
    stream.failNextRead(SdkClientException.create("no answer", new SocketTimeoutException()));
    start(KinesisShardSplit.unread(SHARD));
    time.advance(Duration.ofSeconds(2));
    assertThat(pages.records()).containsExactly("a");
    assertThat(pages.faults).isEmpty();
  }

  @Test
  void aStreamThatIsGoneIsFatalAndNotTheEndOfTheShard() {
    stream.delete();
    start(KinesisShardSplit.unread(SHARD));
    assertThat(pages.handed).isEmpty();
    assertThat(pages.faults).singleElement().isInstanceOf(MissingStreamException.class);
  }

  @Test
  void aCheckpointOlderThanTheRetentionFailsLoudly() {
    long twoDaysAgo = NOW - Duration.ofDays(2).toMillis();
    put("a");
    start(new KinesisShardSplit(SHARD, ShardPosition.after("0"), twoDaysAgo));
    assertThat(pages.handed).isEmpty();
    assertThat(pages.faults).singleElement().isInstanceOf(CheckpointTooOldException.class);
  }

  @Test
  void aQuietShardThatWasReadToItsTipIsNotTooOldHoweverOldItsLastRecord() {
    put("a");
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    for (int hour = 0; hour < 48; hour++) {
      poller.pageTaken();
      time.advance(Duration.ofHours(1));
    }
    stream.expireIterators();
    poller.pageTaken();
    time.advance(Duration.ofSeconds(1));
    put("b");
    poller.pageTaken();
    time.advance(Duration.ofSeconds(1));
    assertThat(pages.faults).isEmpty();
    assertThat(pages.records()).containsExactly("a", "b");
  }

  @Test
  void aPausedShardIsNotReadUntilItIsResumed() {
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    poller.pause();
    put("a");
    poller.pageTaken();
    time.advance(Duration.ofMinutes(1));
    assertThat(pages.records()).isEmpty();
    poller.resume();
    time.advance(Duration.ofSeconds(1));
    assertThat(pages.records()).containsExactly("a");
  }

  @Test
  void aShardThatWasPausedForLongerThanAnIteratorLivesGoesOnWhereItWas() {
    put("a");
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    poller.pause();
    poller.pageTaken();
    time.advance(Duration.ofMinutes(10));
    stream.expireIterators();
    put("b");
    poller.resume();
    time.advance(Duration.ofSeconds(1));
    assertThat(pages.records()).containsExactly("a", "b");
  }

  @Test
  void aShardThatWasPausedForLongerThanTheRetentionFailsLoudly() {
    put("a");
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    poller.pause();
    poller.pageTaken();
    time.advance(Duration.ofHours(25));
    stream.expireIterators();
    poller.resume();
    time.advance(Duration.ofSeconds(1));
    assertThat(pages.faults).singleElement().isInstanceOf(CheckpointTooOldException.class);
  }

  @Test
  void aClosedPollerIsSilent() {
    ShardPoller poller = start(KinesisShardSplit.unread(SHARD));
    stream.delete();
    poller.pageTaken();
    poller.close();
    time.advance(Duration.ofMinutes(1));
    assertThat(pages.faults).isEmpty();
  }

  private ShardPoller start(KinesisShardSplit split) {
    ShardPoller poller =
        new ShardPoller(split, stream, time.executor(), pages, new ReadPace(1), time);
    poller.start();
    time.advance(Duration.ofMillis(1));
    return poller;
  }

  /** Returns the sequence number of the last. */
  private String put(String... texts) {
    String sequence = null;
    for (String text : texts) {
      sequence = stream.put("key", text.getBytes(StandardCharsets.UTF_8), 0);
    }
    return sequence;
  }

  private static final class Pages implements ShardPoller.Pages {
    final List<ShardPage> handed = new ArrayList<>();
    final List<Throwable> faults = new ArrayList<>();

    @Override
    public void hand(ShardPage page) {
      handed.add(page);
    }

    @Override
    public void fail(String shardId, Throwable fault) {
      faults.add(fault);
    }

    List<String> records() {
      return handed.stream()
          .flatMap(page -> page.records().stream())
          .map(Record::data)
          .map(data -> data.asUtf8String())
          .toList();
    }
  }
}
