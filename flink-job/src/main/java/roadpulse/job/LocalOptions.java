package roadpulse.job;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a run outside Managed Flink sets itself, from the property group {@value #GROUP}.
 *
 * @param checkpointDir where checkpoints are kept, and where the latest one is looked for at the
 *     start
 * @param restPort Flink's own page and REST interface, on loopback
 * @param metricsPort what Prometheus scrapes, on loopback; 0 when nobody does
 */
record LocalOptions(
    Path checkpointDir,
    Duration checkpointInterval,
    int parallelism,
    int restPort,
    int metricsPort) {

  static final String GROUP = "Local";

  static LocalOptions read(PropertyGroup group) {
    String checkpointDir = group.text("checkpoint.dir");
    return new LocalOptions(
        checkpointDir == null ? null : Path.of(checkpointDir).toAbsolutePath(),
        Duration.ofMillis(group.integer("checkpoint.interval.ms", 5_000, 100, 3_600_000)),
        (int) group.integer("parallelism", 2, 1, 128),
        (int) group.integer("rest.port", 8081, 0, 65_535),
        (int) group.integer("metrics.port", 0, 0, 65_535));
  }
}
