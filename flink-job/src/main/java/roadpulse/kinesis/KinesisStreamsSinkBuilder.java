package roadpulse.kinesis;

import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializationSchema;

/**
 * Builds a {@link KinesisStreamsSink}. Stream, region, schema and partition key have no defaults.
 */
public final class KinesisStreamsSinkBuilder<T> {

  private String streamName;
  private String region;
  private String endpoint;
  private SerializationSchema<T> schema;
  private PartitionKeyGenerator<T> partitionKeys;
  private long maxTimeInBufferMs = 250;
  private boolean orderPerKey;

  KinesisStreamsSinkBuilder() {}

  public KinesisStreamsSinkBuilder<T> setStreamName(String streamName) {
    this.streamName = streamName;
    return this;
  }

  public KinesisStreamsSinkBuilder<T> setRegion(String region) {
    this.region = region;
    return this;
  }

  /** Another address than the region's own; null for that one. */
  public KinesisStreamsSinkBuilder<T> setEndpoint(String endpoint) {
    this.endpoint = endpoint;
    return this;
  }

  public KinesisStreamsSinkBuilder<T> setSerializationSchema(SerializationSchema<T> schema) {
    this.schema = schema;
    return this;
  }

  public KinesisStreamsSinkBuilder<T> setPartitionKeyGenerator(
      PartitionKeyGenerator<T> partitionKeys) {
    this.partitionKeys = partitionKeys;
    return this;
  }

  /** How long an element may wait for others before it is put: nothing but latency. */
  public KinesisStreamsSinkBuilder<T> setMaxTimeInBufferMS(long maxTimeInBufferMs) {
    this.maxTimeInBufferMs = maxTimeInBufferMs;
    return this;
  }

  /**
   * Whether elements with the same partition key reach the stream in the order in which they were
   * written, whatever fails: at most one of a key is under way. It holds for elements that one
   * subtask writes, and not between what one parallelism left in a savepoint and another writes.
   */
  public KinesisStreamsSinkBuilder<T> setOrderPerKey(boolean orderPerKey) {
    this.orderPerKey = orderPerKey;
    return this;
  }

  public KinesisStreamsSink<T> build() {
    return new KinesisStreamsSink<>(
        Objects.requireNonNull(streamName, "the stream's name is missing"),
        new ServiceClients(Objects.requireNonNull(region, "the region is missing"), endpoint),
        new KinesisStreamsSinkElementConverter<>(
            Objects.requireNonNull(schema, "the serialization schema is missing"),
            Objects.requireNonNull(partitionKeys, "the partition key generator is missing")),
        PutLimits.ofService(maxTimeInBufferMs),
        orderPerKey);
  }
}
