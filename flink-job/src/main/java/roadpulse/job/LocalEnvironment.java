package roadpulse.job;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flink in this JVM, as Managed Flink would be set: RocksDB, incremental checkpoints, restarts. It
 * goes on from the latest checkpoint that it finds.
 */
final class LocalEnvironment {

  private static final Logger LOG = LoggerFactory.getLogger(LocalEnvironment.class);

  private static final String LOOPBACK = "127.0.0.1";

  /** The same in every run, so that all runs share one directory of checkpoints. */
  static final JobID JOB_ID = JobID.fromHexString("726f616470756c736500000000000001");

  /** A fault that outlasts these restarts ends the process, and whoever started it is told. */
  private static final int RESTARTS = 5;

  private LocalEnvironment() {}

  static StreamExecutionEnvironment create(LocalOptions options, Configuration job)
      throws IOException {
    Configuration configuration = new Configuration(job);
    configuration.set(CoreOptions.DEFAULT_PARALLELISM, options.parallelism());
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, options.parallelism());
    // For RocksDB, which takes it as it needs it: with half as much, what it flushes and compacts
    // halves what the job can do. A unit of Managed Flink has 1 GB.
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(512));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
    configuration.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(RestOptions.ADDRESS, LOOPBACK);
    configuration.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    configuration.set(RestOptions.PORT, options.restPort());
    configuration.set(RestOptions.BIND_PORT, String.valueOf(options.restPort()));
    setCheckpoints(configuration, options);
    setRestarts(configuration);
    if (options.metricsPort() != 0) setMetrics(configuration, options.metricsPort());
    return StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(configuration);
  }

  private static void setCheckpoints(Configuration configuration, LocalOptions options)
      throws IOException {
    configuration.set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, JOB_ID.toHexString());
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    // Nearly every accident is new: that its key is not there is what RocksDB is asked most.
    configuration.set(RocksDBConfigurableOptions.USE_BLOOM_FILTER, true);
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(
        CheckpointingOptions.CHECKPOINTS_DIRECTORY, options.checkpointDir().toUri().toString());
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, options.checkpointInterval());
    configuration.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);

    Path jobDirectory = options.checkpointDir().resolve(JOB_ID.toHexString());
    Optional<Path> latest = LatestCheckpoint.in(jobDirectory);
    if (latest.isEmpty()) {
      LOG.info("no checkpoint found, starting from the oldest record: {}", jobDirectory);
      return;
    }
    LOG.info("going on from checkpoint {}", latest.get());
    configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, latest.get().toUri().toString());
    // Owned by this run, the checkpoint is deleted when newer ones have replaced it.
    configuration.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
  }

  private static void setMetrics(Configuration configuration, int port) {
    String reporter = "metrics.reporter.prometheus.";
    configuration.setString(
        reporter + "factory.class", LoopbackPrometheusReporterFactory.class.getName());
    configuration.setString(
        reporter + LoopbackPrometheusReporterFactory.PORT, String.valueOf(port));
  }

  private static void setRestarts(Configuration configuration) {
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofSeconds(1));
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofSeconds(10));
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(2));
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
  }
}
