package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.GenericMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;
import org.junit.jupiter.api.Test;

class ShardMetricsTest {

  /** By their full name. */
  private final Map<String, Metric> reported = new HashMap<>();

  private final MetricGroup source =
      new GenericMetricGroup(
          TestingMetricRegistry.builder()
              .setDelimiter('.')
              .setRegisterConsumer(
                  (metric, name, group) -> reported.put(group.getMetricIdentifier(name), metric))
              .setUnregisterConsumer(
                  (metric, name, group) -> reported.remove(group.getMetricIdentifier(name)))
              .build(),
          null,
          "source");

  @Test
  void theGaugeOfAShardHasNotTheNameAndGroupsOfTheOfficialConnectorLessItsAccountId() {
    ShardMetrics metrics = new ShardMetrics(source, "us-east-1", "raw");
    metrics.register("shardId-1", () -> 42);
    assertThat(reported)
        .containsOnlyKeys(
            "source.KinesisStreamSource.region.us-east-1.stream.raw.shardId.shardId-1.millisBehindLatest");
    assertThat(reported.values())
        .singleElement()
        .satisfies(gauge -> assertThat(((Gauge<?>) gauge).getValue()).isEqualTo(42L));
  }

  @Test
  void aShardThatIsGoneIsNotReportedForEver() {
    ShardMetrics metrics = new ShardMetrics(source, "us-east-1", "raw");
    metrics.register("shardId-1", () -> 1);
    metrics.register("shardId-2", () -> 2);
    metrics.unregister("shardId-1");
    assertThat(reported.keySet()).singleElement().asString().contains("shardId-2");
    metrics.register("shardId-1", () -> 3);
    assertThat(reported).hasSize(2);
  }
}
