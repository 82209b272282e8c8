package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class JobConfigurationTest {

  /**
   * What a program may set on Managed Flink with Flink 2, as far as it may be of use here: "Use
   * programmatic configuration" in its developer guide. Any other key ends the application.
   */
  private static final Set<String> ALLOWED =
      Set.of(
          "pipeline.auto-generate-uids",
          "pipeline.auto-watermark-interval",
          "pipeline.generic-types",
          "pipeline.max-parallelism",
          "pipeline.object-reuse",
          "table.exec.mini-batch.allow-latency",
          "table.exec.mini-batch.enabled",
          "table.exec.mini-batch.size",
          "table.exec.sink.not-null-enforcer",
          "table.exec.source.idle-timeout",
          "table.exec.state.ttl",
          "table.exec.uid.format",
          "table.exec.uid.generation",
          "table.local-time-zone",
          "table.optimizer.agg-phase-strategy",
          "table.optimizer.reuse-source",
          "table.optimizer.reuse-sub-plan");

  @Test
  void theProgramSetsNothingThatManagedFlinkRefuses() {
    assertThat(AccidentsJob.jobConfiguration().keySet()).isSubsetOf(ALLOWED);
  }
}
