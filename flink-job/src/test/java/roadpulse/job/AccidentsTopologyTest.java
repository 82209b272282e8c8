package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
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

/** The whole job but its edges, on a cluster, with failures in the middle. */
class AccidentsTopologyTest {

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .setConfiguration(METRICS.addToConfiguration(new Configuration()))
              .build());

  private static final Duration LATENESS = Duration.ofSeconds(30);
  private static final int RECORDS = 12_000;

  /** How long the accidents take to come, and in which minute a surge begins, half as long. */
  private static final int MINUTES = 20;

  private static final int SURGE_MINUTE = 12;

  /** What the job emitted, failures included. */
  private static final Queue<byte[]> EMITTED = new ConcurrentLinkedQueue<>();

  /** Records at which the job fails, once each. */
  private static final Queue<Integer> FAILURES = new ConcurrentLinkedQueue<>();

  private static final AtomicInteger READ = new AtomicInteger();

  @TempDir Path checkpoints;

  @Test
  void theLawsHoldThroughFailuresAndEachWindowHasItsOneContent() throws Exception {
    SampleFeed feed = putSample();
    FAILURES.addAll(List.of(3_000, 8_000, 14_000));
    JobClient job = start();
    Received received = new Received();
    try {
      long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
      while (!isSettled(received, feed)) {
        assertThat(System.nanoTime())
            .as("settled in time: %s", received.awaited(feed, "live-1"))
            .isLessThan(deadline);
        assertThat(job.getJobStatus().get()).isNotEqualTo(JobStatus.FAILED);
        take(received);
        Thread.sleep(100);
      }
    } finally {
      stop(job);
    }
    assertThat(FAILURES).as("failures that were not reached").isEmpty();
    received.assertHolds(feed, "live-1");
    assertTheSurgeIsFound(received);
    assertNothingWasLate();
  }

  private static void assertTheSurgeIsFound(Received received) {
    assertThat(received.windowsOf("surge"))
        .allSatisfy(
            surge ->
                assertThat(surge.at("/payload/state").asText()).isEqualTo(SampleFeed.SURGE_STATE))
        .extracting(
            surge -> surge.at("/payload/area_kind").asText(),
            surge -> surge.at("/payload/phase").asText())
        .containsExactlyInAnyOrder(
            tuple("state", "started"),
            tuple("cell", "started"),
            tuple("state", "ended"),
            tuple("cell", "ended"));
  }

  /** All there before the job starts, as if put over twenty minutes. */
  private static SampleFeed putSample() throws IOException {
    long minute = Duration.ofMinutes(1).toMillis();
    long start = (System.currentTimeMillis() / minute - MINUTES - 3) * minute;
    SteppingClock clock = new SteppingClock(start);
    InMemoryStreams.create("raw", clock, 4);
    SampleFeed feed = new SampleFeed("live-1", LATENESS.toMillis(), 7);
    for (int i = 0; i < RECORDS; i++) {
      clock.now = start + i * MINUTES * minute / RECORDS;
      long intoSurge = clock.now - start - SURGE_MINUTE * minute;
      feed.isSurge = intoSurge >= 0 && intoSurge < minute / 2;
      SampleFeed.Put put = feed.next(clock.now);
      InMemoryStreams.put("raw", put.partitionKey(), put.data());
    }
    return feed;
  }

  private JobClient start() throws Exception {
    Configuration configuration = AccidentsJob.jobConfiguration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(2);
    DataStream<RawRecord> raw =
        env.fromSource(
                InMemoryStreams.source("raw", new KinesisEdges.RawRecordSchema(), LATENESS),
                WatermarkStrategy.noWatermarks(),
                "raw")
            .uid("raw")
            .map(AccidentsTopologyTest::failNowAndThen)
            .returns(RawRecord.class);
    JobOptions options =
        new JobOptions(
            "raw",
            "processed",
            "us-east-1",
            null,
            LATENESS,
            Duration.ofSeconds(1),
            Duration.ofHours(24),
            1);
    AccidentsTopology.build(raw, StreamTableEnvironment.create(env), options)
        .map(
            envelope -> {
              EMITTED.add(envelope.json);
              return envelope;
            })
        .returns(Envelope.class)
        .sinkTo(new DiscardingSink<>());
    return env.executeAsync("topology");
  }

  private static RawRecord failNowAndThen(RawRecord record) throws InterruptedException {
    int read = READ.incrementAndGet();
    // Slow enough for checkpoints in between.
    if (read % 20 == 0) Thread.sleep(2);
    Integer failAt = FAILURES.peek();
    if (failAt != null && read >= failAt && FAILURES.remove(failAt)) {
      throw new IllegalStateException("a failure on purpose, at record " + read);
    }
    return record;
  }

  /** Until it has let go of its checkpoints: being cancelled, it may still write one. */
  private static void stop(JobClient job) throws Exception {
    job.cancel().get();
    Deadline deadline = Deadline.in(Duration.ofSeconds(30));
    while (!job.getJobStatus().get().isGloballyTerminalState()) {
      deadline.check("the job ends");
      Thread.sleep(20);
    }
  }

  private static void take(Received received) throws Exception {
    for (byte[] json = EMITTED.poll(); json != null; json = EMITTED.poll()) received.add(json);
  }

  private static boolean isSettled(Received received, SampleFeed feed) {
    return received.isSettled(feed, "live-1") && received.windowsOf("surge").size() >= 4;
  }

  /** Over all attempts: the reporter keeps the counters of those that failed. */
  private static void assertNothingWasLate() {
    List<Counter> dropped =
        METRICS.getMetricsByGroup().values().stream()
            .map(metrics -> metrics.get("numLateRecordsDropped"))
            .filter(Objects::nonNull)
            .map(Counter.class::cast)
            .toList();
    assertThat(dropped).isNotEmpty().allMatch(counter -> counter.getCount() == 0);
  }
}
