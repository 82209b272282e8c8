package roadpulse.kinesis;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * The gauge of each shard: the official connector's millisBehindLatest, in its groups
 * KinesisStreamSource, region, stream and shardId. Its group accountId, in front of region, is
 * missing: who names a stream does not know whose it is. So a query by the full name of one is not
 * one for the other.
 */
final class ShardMetrics {

  private final MetricGroup streamGroup;
  private final Map<String, MetricGroup> shardGroups = new HashMap<>();

  ShardMetrics(MetricGroup source, String region, String streamName) {
    this.streamGroup =
        source
            .addGroup("KinesisStreamSource")
            .addGroup("region", region)
            .addGroup("stream", streamName);
  }

  void register(String shardId, LongSupplier millisBehindLatest) {
    MetricGroup group = streamGroup.addGroup("shardId", shardId);
    group.gauge("millisBehindLatest", (Gauge<Long>) millisBehindLatest::getAsLong);
    shardGroups.put(shardId, group);
  }

  /** Else a shard that is long gone would be reported as long as the job lives. */
  void unregister(String shardId) {
    if (shardGroups.remove(shardId) instanceof AbstractMetricGroup<?> registered) {
      registered.close();
    }
  }
}
