package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * The promises of the source's watermarks. {@link CheckedChannel} and {@link MinuteWindows} assert
 * for each record that it is not late; each test that what was put came out of the windows.
 */
class SourceWatermarkTest {

  private static final long START = 1_800_000_000_000L;

  private final ManualTime time = new ManualTime(START);
  private final Map<String, Long> eventTimes = new HashMap<>();

  /** Records that came out of the windows, by the start of their minute. */
  private final Map<Long, Long> minutes = new HashMap<>();

  private Random random = new Random(1);

  @Test
  void anIdleStreamClosesItsWindowsByItself() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 2);
    source.run(Duration.ofSeconds(5));
    put(stream, 10, 0);
    source.run(Duration.ofSeconds(60));
    assertThat(source.received()).hasSize(10);
    // The tip at the time of a read, less B and the slack, and one read later.
    assertThat(source.watermark()).isGreaterThan(time.millis() - 42_000);
  }

  @Test
  void aReaderWithoutShardsHoldsNobodyUp() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 4);
    source.run(Duration.ofSeconds(60));
    assertThat(source.channels()).filteredOn(CheckedChannel::isIdle).hasSize(2);
    assertThat(source.watermark()).isGreaterThan(START);
  }

  @Test
  void noWatermarkComesBeforeEveryShardIsWithAReader() throws Exception {
    FakeStream stream = new FakeStream(time, 4);
    stream.failNextListing(SdkClientException.create("refused", new ConnectException()));
    SimulatedSource source = source(stream, 2);
    time.advance(Duration.ofMillis(50));
    assertThat(source.watermark()).isEqualTo(Long.MIN_VALUE);
    source.run(Duration.ofSeconds(60));
    assertThat(source.watermark()).isGreaterThan(START);
  }

  @Test
  void aSplitWhoseChildrenAreListedLateLeavesNoRecordBehindTheWatermark() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 2);
    source.run(Duration.ofSeconds(60));
    stream.split(stream.openShards().get(0), 15_000);
    put(stream, 100, 0);
    source.run(Duration.ofSeconds(14));
    long held = source.watermark();
    source.run(Duration.ofMillis(500));
    assertThat(source.watermark()).isEqualTo(held);
    source.run(Duration.ofSeconds(60));
    assertThat(source.received()).hasSize(100);
    assertThat(source.watermark()).isGreaterThan(time.millis() - 42_000);
    assertThatEveryWindowIsWhole(source);
  }

  @Test
  void aMergeOfShardsOfTwoReadersHoldsBothUntilTheChildIsRead() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 2);
    source.run(Duration.ofSeconds(60));
    stream.merge(stream.openShards().get(0), stream.openShards().get(1), 15_000);
    put(stream, 100, 0);
    source.run(Duration.ofSeconds(90));
    assertThat(source.received()).hasSize(100);
    // The reader that lost its only shard is idle now, and holds nobody up.
    assertThat(source.channels()).filteredOn(CheckedChannel::isIdle).hasSize(1);
    assertThat(source.watermark()).isGreaterThan(time.millis() - 42_000);
    assertThatEveryWindowIsWhole(source);
  }

  @Test
  void aShardThatWasSplitWhileItWasPausedDoesNotCallItsEndTheTip() throws Exception {
    FakeStream stream = new FakeStream(time, 1);
    SimulatedSource source = source(stream, 1);
    source.run(Duration.ofSeconds(5));
    source.pauseAny();
    stream.split(stream.openShards().get(0), 0);
    put(stream, 100, 0);
    source.run(Duration.ofSeconds(40));
    source.resumeAll();
    source.run(Duration.ofSeconds(5));
    assertThat(source.received()).hasSize(100);
    assertThatEveryWindowIsWhole(source);
  }

  @Test
  void recordsThatBecomeVisibleFiveSecondsAfterTheirPutAreOnTime() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 2);
    for (int i = 0; i < 200; i++) {
      put(stream, 1, 5_000);
      source.run(Duration.ofMillis(50L * random.nextInt(40)));
    }
    source.run(Duration.ofSeconds(10));
    assertThat(source.received()).hasSize(200);
    assertThatEveryWindowIsWhole(source);
  }

  @Test
  void moreReadersThanShardsTakeNothingFromTheWindows() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 5);
    for (int i = 0; i < 200; i++) {
      put(stream, 2, 0);
      if (i == 60) stream.split(stream.openShards().get(0), 5_000);
      if (i == 120) stream.merge(stream.openShards().get(1), stream.openShards().get(2), 5_000);
      source.run(Duration.ofMillis(50L * random.nextInt(20)));
    }
    assertThat(source.channels()).filteredOn(CheckedChannel::isIdle).hasSizeGreaterThan(2);
    assertThatEveryWindowIsWhole(source);
  }

  @Test
  void aSlowShardHoldsTheWindowsOfFastOnesOpen() throws Exception {
    FakeStream stream = new FakeStream(time, 3);
    // One reader has a slow and a fast shard, the other a fast one.
    SimulatedSource source = source(stream, 2);
    stream.slowDown(stream.openShards().get(0), 1);
    for (int i = 0; i < 60 * 4; i++) {
      put(stream, 12, 0);
      source.run(Duration.ofMillis(250));
    }
    assertThat(source.watermark())
        .as("what would be late if the fast shards had their way")
        .isLessThan(time.millis() - 60_000);
    source.run(Duration.ofSeconds(250));
    assertThatEveryWindowIsWhole(source);
  }

  /** Splits, merges, restarts and rescaling at random, all records on time. */
  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostOrLateWhateverHappens(int seed) throws Exception {
    random = new Random(seed);
    FakeStream stream = new FakeStream(time, 1 + random.nextInt(4));
    SimulatedSource source = source(stream, 1 + random.nextInt(4));
    HashSet<String> received = new HashSet<>();
    SimulatedSource.Snapshot checkpoint = null;
    for (int step = 0; step < 150; step++) {
      put(stream, random.nextInt(20), random.nextInt(4) == 0 ? 5_000 : 0);
      int dice = random.nextInt(30);
      List<String> open = stream.openShards();
      if (dice == 0 && open.size() < 10) {
        String parent = open.get(random.nextInt(open.size()));
        stream.split(parent, random.nextInt(20_000), random.nextInt(20_000));
      } else if (dice == 1 && open.size() > 1) {
        int left = random.nextInt(open.size() - 1);
        stream.merge(open.get(left), open.get(left + 1), random.nextInt(20_000));
      } else if (dice == 2) {
        stream.expireIterators();
      } else if (dice == 3) {
        source.pauseAny();
      } else if (dice < 7) {
        checkpoint = source.snapshot();
      } else if (dice == 7) {
        received.addAll(source.received());
        source.stop();
        source =
            new SimulatedSource(
                time, stream, 1 + random.nextInt(4), eventTimes, minutes, random, checkpoint);
      }
      source.run(Duration.ofMillis(50L * random.nextInt(40)));
    }
    source.resumeAll();
    source.run(Duration.ofSeconds(120));
    received.addAll(source.received());
    assertThat(received).isEqualTo(eventTimes.keySet());
    assertThat(source.watermark()).isGreaterThan(time.millis() - 42_000);
    assertThatEveryWindowIsWhole(source);
  }

  static IntStream seeds() {
    return IntStream.rangeClosed(1, 100);
  }

  @Test
  void eachRecordComesOnceAndTheOrderOfAKeySurvivesSplitsAndMerges() throws Exception {
    FakeStream stream = new FakeStream(time, 2);
    SimulatedSource source = source(stream, 3);
    List<String> ofOneKey = new ArrayList<>();
    for (int step = 0; step < 100; step++) {
      String sequence = stream.put("key", new byte[0], 0);
      eventTimes.put(sequence, time.millis());
      ofOneKey.add(sequence);
      if (step == 20) stream.split(stream.openShards().get(0), 3_000);
      if (step == 40) stream.split(stream.openShards().get(2), 0);
      if (step == 60) stream.merge(stream.openShards().get(1), stream.openShards().get(2), 5_000);
      if (step == 61) stream.merge(stream.openShards().get(0), stream.openShards().get(1), 500);
      source.run(Duration.ofMillis(300));
    }
    source.run(Duration.ofSeconds(30));
    List<String> inOrderOfChannels = source.received();
    assertThat(inOrderOfChannels).containsExactlyInAnyOrderElementsOf(ofOneKey);
    for (CheckedChannel channel : source.channels()) assertThat(channel.received).isSorted();
  }

  private SimulatedSource source(FakeStream stream, int parallelism) {
    return new SimulatedSource(time, stream, parallelism, eventTimes, minutes, random, null);
  }

  /** Lets the last windows close; then each holds as many records as were put for it. */
  private void assertThatEveryWindowIsWhole(SimulatedSource source) throws Exception {
    source.run(Duration.ofSeconds(110));
    Map<Long, Long> put =
        eventTimes.values().stream()
            .collect(Collectors.groupingBy(at -> at - at % 60_000, Collectors.counting()));
    assertThat(minutes).isEqualTo(put);
  }

  private void put(FakeStream stream, int records, long visibleAfterMs) {
    for (int i = 0; i < records; i++) {
      String sequence = stream.put("key-" + random.nextInt(500), new byte[0], visibleAfterMs);
      // Half of them at the very edge of being on time.
      int most = (int) SimulatedSource.LATENESS.toMillis();
      int late = random.nextBoolean() ? most : random.nextInt(most);
      eventTimes.put(sequence, time.millis() - late);
    }
  }
}
