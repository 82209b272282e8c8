package roadpulse.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the runs of one job share: its streams, its checkpoints, and a log for each run.
 *
 * @param endpoint the job's Kinesis, or what stands in front of it
 */
record JobFolder(Path folder, String endpoint) {

  static final String RAW = "raw";
  static final String PROCESSED = "processed";

  /** B, and how often there is a checkpoint: short, so that a test need not wait long. */
  static final long LATENESS_MS = 3_000;

  private static final long CHECKPOINT_INTERVAL_MS = 1_000;

  /**
   * @param name of the run, and of its log
   */
  JobProcess start(String name, int parallelism) throws IOException {
    Path properties =
        Files.writeString(
            folder.resolve(name + ".json"),
            """
            [{"PropertyGroupId": "Roadpulse", "PropertyMap": {
                "raw.stream": "%s", "processed.stream": "%s", "aws.region": "us-east-1",
                "kinesis.endpoint": "%s", "lateness.seconds": "%d", "tip.slack.seconds": "1"}},
             {"PropertyGroupId": "Local", "PropertyMap": {
                "checkpoint.dir": "%s", "checkpoint.interval.ms": "%d", "parallelism": "%d",
                "rest.port": "0"}}]
            """
                .formatted(
                    RAW,
                    PROCESSED,
                    endpoint,
                    LATENESS_MS / 1_000,
                    folder.resolve("checkpoints"),
                    CHECKPOINT_INTERVAL_MS,
                    parallelism));
    return new JobProcess(properties, folder.resolve(name + ".log"));
  }

  /** The one that the next run goes on from. */
  Optional<Path> latestCheckpoint() throws IOException {
    return LatestCheckpoint.in(
        folder.resolve("checkpoints").resolve(LocalEnvironment.JOB_ID.toHexString()));
  }
}
