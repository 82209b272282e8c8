package roadpulse.job;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.services.kinesis.model.Record;

/** The job with its edges, stopped with a savepoint and scaled down and up from it. */
class SavepointIT {

  private static final String FEED = "live-1";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(3)
              .setConfiguration(
                  new Configuration()
                      .set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(384)))
              .build());

  private static final List<SdkSystemSetting> CREDENTIALS =
      List.of(SdkSystemSetting.AWS_ACCESS_KEY_ID, SdkSystemSetting.AWS_SECRET_ACCESS_KEY);

  @TempDir Path savepoints;

  private final SampleFeed feed = new SampleFeed(FEED, JobFolder.LATENESS_MS, 23);
  private final Received received = new Received();

  @BeforeAll
  static void setCredentials() {
    CREDENTIALS.forEach(setting -> System.setProperty(setting.property(), "local"));
  }

  @AfterAll
  static void clearCredentials() {
    CREDENTIALS.forEach(setting -> System.clearProperty(setting.property()));
  }

  @Test
  @Tag("long")
  void nothingIsLostOrCountedTwiceWhenASavepointIsRestoredWithLessAndWithMoreParallelism()
      throws Exception {
    try (Kinesalite kinesis = new Kinesalite()) {
      kinesis.createStream(JobFolder.RAW, 2);
      kinesis.createStream(JobFolder.PROCESSED, 2);
      JobClient first = start(kinesis, 2, null);
      putAndAwait(first, kinesis);
      String savepoint = stop(first);

      putSome(kinesis);
      JobClient down = start(kinesis, 1, savepoint);
      putAndAwait(down, kinesis);
      stop(down);

      // From the same savepoint: what the second run has read is read again.
      JobClient up = start(kinesis, 3, savepoint);
      putSome(kinesis);
      await("the feed settles", up, kinesis, () -> received.isSettled(feed, FEED));
      up.cancel().get();
    }
    received.assertHolds(feed, FEED);
  }

  private JobClient start(Kinesalite kinesis, int parallelism, String savepoint) throws Exception {
    Configuration configuration = AccidentsJob.jobConfiguration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    if (savepoint != null) configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    env.setParallelism(parallelism);
    JobOptions options =
        new JobOptions(
            JobFolder.RAW,
            JobFolder.PROCESSED,
            "us-east-1",
            kinesis.endpoint,
            Duration.ofMillis(JobFolder.LATENESS_MS),
            Duration.ofSeconds(1),
            Duration.ofHours(24),
            1);
    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
    KinesisEdges.write(
        AccidentsTopology.build(KinesisEdges.read(env, options), tables, options), options);
    return env.executeAsync("savepoint");
  }

  private String stop(JobClient job) throws Exception {
    return job.stopWithSavepoint(
            false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
        .get();
  }

  /** Some records while the job runs, until it has counted all that there are. */
  private void putAndAwait(JobClient job, Kinesalite kinesis) throws Exception {
    putSome(kinesis);
    await("all is counted", job, kinesis, () -> received.in(FEED) == feed.in());
  }

  private void putSome(Kinesalite kinesis) throws InterruptedException {
    for (int batch = 0; batch < 20; batch++) {
      List<SampleFeed.Put> puts = new ArrayList<>();
      for (int i = 0; i < 50; i++) puts.add(feed.next(System.currentTimeMillis()));
      kinesis.put(JobFolder.RAW, puts);
      Thread.sleep(50);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String what, JobClient job, Kinesalite kinesis, Condition condition)
      throws Exception {
    // The last minute has to end, and the job to start before.
    Deadline deadline = Deadline.in(Duration.ofMinutes(2));
    while (!condition.holds()) {
      // Throws why it ended.
      if (job.getJobStatus().get() == JobStatus.FAILED) job.getJobExecutionResult().get();
      deadline.check(what + ": " + received.awaited(feed, FEED));
      Thread.sleep(100);
      for (Record record : kinesis.readOn(JobFolder.PROCESSED)) {
        received.add(record.data().asByteArrayUnsafe());
      }
    }
  }
}
