package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.CompletedCheckpointStorageLocation;
import org.apache.flink.runtime.state.filesystem.AbstractFsCheckpointStorageAccess;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import roadpulse.kinesis.InMemoryStreams;

/**
 * The job over days of event time, in which 200 feeds come and go beside one that stays. What it
 * holds is the size of a savepoint, by operator, timers included.
 */
class StateFloorTest {

  private static final InMemoryReporter METRICS = InMemoryReporter.create();

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .setConfiguration(METRICS.addToConfiguration(new Configuration()))
              .build());

  private static final String STREAM = "floor";
  private static final Duration LATENESS = Duration.ofSeconds(30);

  /** What the source takes off its watermark besides. */
  private static final long BACKWARD_ARRIVALS_MS = 1_000;

  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long HOUR = 60 * MINUTE;
  private static final long START = 1_800_000_000_000L / HOUR * HOUR;

  private static final int FEEDS = 200;

  /** Feeds come one after the other; each has accidents for so long, at last too many. */
  private static final int MINUTES_BETWEEN = 6;

  private static final int MINUTES_OF_FEED = 20;
  private static final int CALM_MINUTES = 12;
  private static final int ROWS_OF_A_SURGE = 4;

  private static final long BUSY_UNTIL = START + 21 * HOUR;
  private static final long FORGOTTEN_AT = START + 48 * HOUR;

  /** A tally is kept for a week after its feed's last record. */
  private static final long TALLIES_FORGOTTEN_AT = FORGOTTEN_AT + Duration.ofDays(8).toMillis();

  @TempDir Path savepoints;

  private final SteppingClock clock = new SteppingClock(START);
  private final List<SampleFeed> feeds = new ArrayList<>();

  @Test
  void ofFeedsThatAreOverNothingIsHeldAnyMore() throws Exception {
    List<Map<String, Long>> alone = sizesOverTime(0);
    List<Map<String, Long>> among = sizesOverTime(FEEDS);

    assertThat(among.get(0).keySet()).isEqualTo(alone.get(0).keySet());
    assertThat(among.get(0)).containsKeys("deduplicate", "tally", "feed-start", "surge");
    among
        .get(0)
        .forEach(
            (operator, bytes) ->
                assertThat(bytes)
                    .as("%s while the feeds are there", operator)
                    .isGreaterThanOrEqualTo(alone.get(0).get(operator)));
    assertThat(among.get(0).get("deduplicate")).isGreaterThan(alone.get(0).get("deduplicate") * 5);

    Map<String, Long> afterTwoDays = new TreeMap<>(among.get(1));
    assertThat(afterTwoDays.remove("tally")).isGreaterThan(alone.get(1).remove("tally"));
    assertThat(afterTwoDays).isEqualTo(alone.get(1));
    assertThat(among.get(2)).as("after ten days").isEqualTo(alone.get(2));
  }

  /**
   * Sizes by operator while other feeds are there, a day after the last of them, and a week later.
   */
  private List<Map<String, Long>> sizesOverTime(int others) throws Exception {
    clock.now = START;
    InMemoryStreams.create(STREAM, clock, 1);
    feeds.clear();
    feeds.add(new SampleFeed("live-1", LATENESS.toMillis(), 1));
    for (int i = 1; i <= others; i++) {
      feeds.add(new SampleFeed("replay-" + i, LATENESS.toMillis(), 1 + i));
    }
    List<Map<String, Long>> sizes = new ArrayList<>();
    JobClient job = start();
    try {
      for (long until : List.of(BUSY_UNTIL, FORGOTTEN_AT)) {
        while (clock.now < until) putMinute();
        sizes.add(sizesNow(job));
      }
      clock.now = TALLIES_FORGOTTEN_AT;
      sizes.add(sizesNow(job));
    } finally {
      job.cancel().get();
      awaitEnd(job);
    }
    return sizes;
  }

  private void putMinute() {
    long minute = (clock.now - START) / MINUTE;
    if (minute % 10 == 0) put(feeds.get(0));
    for (int i = 1; i < feeds.size(); i++) {
      long age = minute - (long) (i - 1) * MINUTES_BETWEEN;
      if (age < 0 || age >= MINUTES_OF_FEED) continue;
      SampleFeed feed = feeds.get(i);
      feed.isSurge = age >= CALM_MINUTES;
      int rows = feed.isSurge ? ROWS_OF_A_SURGE : 1;
      for (int row = 0; row < rows; row++) put(feed);
    }
    clock.now += MINUTE;
  }

  private void put(SampleFeed feed) {
    SampleFeed.Put put = feed.next(clock.now);
    InMemoryStreams.put(STREAM, put.partitionKey(), put.data());
  }

  private static JobClient start() throws Exception {
    Configuration configuration = AccidentsJob.jobConfiguration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "hashmap");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(1);
    DataStream<RawRecord> raw =
        env.fromSource(
                InMemoryStreams.source(STREAM, new KinesisEdges.RawRecordSchema(), LATENESS),
                WatermarkStrategy.noWatermarks(),
                "raw")
            .uid("raw");
    JobOptions options =
        new JobOptions(
            STREAM,
            "none",
            "us-east-1",
            null,
            LATENESS,
            Duration.ofSeconds(1),
            Duration.ofHours(24),
            1);
    AccidentsTopology.build(raw, StreamTableEnvironment.create(env), options)
        .sinkTo(new DiscardingSink<>());
    return env.executeAsync("state floor");
  }

  /** When everything up to now has been read, and every timer up to now has fired. */
  private Map<String, Long> sizesNow(JobClient job) throws Exception {
    put(feeds.get(0));
    awaitWatermark(clock.now - LATENESS.toMillis() - BACKWARD_ARRIVALS_MS);
    // Timers of processing time are left: one more tally, within a second.
    Deadline deadline = Deadline.in(Duration.ofSeconds(30));
    Map<String, Long> before = Map.of();
    while (true) {
      Map<String, Long> sizes = sizesOf(job);
      if (sizes.equals(before)) return sizes;
      deadline.check("the sizes stay the same");
      before = sizes;
      Thread.sleep(1_200);
    }
  }

  private static void awaitWatermark(long target) throws InterruptedException {
    Deadline deadline = Deadline.in(Duration.ofSeconds(60));
    while (lowestWatermark() < target) {
      deadline.check("the watermark is at " + target + "; it is at " + lowestWatermark());
      Thread.sleep(20);
    }
  }

  private static long lowestWatermark() {
    return METRICS.getMetricsByGroup().values().stream()
        .map(metrics -> metrics.get("currentInputWatermark"))
        .filter(Objects::nonNull)
        .mapToLong(gauge -> (Long) ((Gauge<?>) gauge).getValue())
        .min()
        .orElse(Long.MIN_VALUE);
  }

  /** Bytes of keyed state, by uid. */
  private Map<String, Long> sizesOf(JobClient job) throws Exception {
    String pointer =
        job.triggerSavepoint(savepoints.toUri().toString(), SavepointFormatType.CANONICAL).get();
    CompletedCheckpointStorageLocation location =
        AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(pointer);
    Map<String, Long> sizes = new TreeMap<>();
    try (DataInputStream metadata =
        new DataInputStream(location.getMetadataHandle().openInputStream())) {
      for (OperatorState operator :
          Checkpoints.loadCheckpointMetadata(
                  metadata, StateFloorTest.class.getClassLoader(), pointer)
              .getOperatorStates()) {
        long bytes =
            operator.getStates().stream()
                .flatMap(state -> state.getManagedKeyedState().stream())
                .mapToLong(handle -> handle.getStateSize())
                .sum();
        if (bytes > 0) sizes.put(nameOf(operator), bytes);
      }
    }
    return sizes;
  }

  private static String nameOf(OperatorState operator) {
    return operator.getOperatorUid().orElseGet(() -> operator.getOperatorID().toHexString());
  }

  private static void awaitEnd(JobClient job) throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(30));
    while (!job.getJobStatus().get().isGloballyTerminalState()) {
      deadline.check("the job ends");
      Thread.sleep(20);
    }
  }
}
