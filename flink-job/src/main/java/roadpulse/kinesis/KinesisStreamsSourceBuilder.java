package roadpulse.kinesis;

import java.time.Duration;
import java.util.Objects;

/** Builds a {@link KinesisStreamsSource}. Stream, region, schema and lateness have no defaults. */
public final class KinesisStreamsSourceBuilder<T> {

  private String streamName;
  private String region;
  private String endpoint;
  private KinesisDeserializationSchema<T> schema;
  private Duration lateness;
  private Duration tipSlack = Duration.ofSeconds(10);
  private double readShare = 1;

  KinesisStreamsSourceBuilder() {}

  public KinesisStreamsSourceBuilder<T> setStreamName(String streamName) {
    this.streamName = streamName;
    return this;
  }

  public KinesisStreamsSourceBuilder<T> setRegion(String region) {
    this.region = region;
    return this;
  }

  /** Another address than the region's own; null for that one. */
  public KinesisStreamsSourceBuilder<T> setEndpoint(String endpoint) {
    this.endpoint = endpoint;
    return this;
  }

  public KinesisStreamsSourceBuilder<T> setDeserializationSchema(
      KinesisDeserializationSchema<T> schema) {
    this.schema = schema;
    return this;
  }

  /** How long after its event time a record may arrive in Kinesis and still be on time. */
  public KinesisStreamsSourceBuilder<T> setLateness(Duration lateness) {
    this.lateness = lateness;
    return this;
  }

  /** How long after its arrival a record may stay invisible to reads. */
  public KinesisStreamsSourceBuilder<T> setTipSlack(Duration tipSlack) {
    this.tipSlack = tipSlack;
    return this;
  }

  /** The part of each shard's read limits that is ours, above 0 and at most 1. */
  public KinesisStreamsSourceBuilder<T> setReadShare(double readShare) {
    if (!(readShare > 0 && readShare <= 1)) {
      throw new IllegalArgumentException("a share of the read limits cannot be " + readShare);
    }
    this.readShare = readShare;
    return this;
  }

  public KinesisStreamsSource<T> build() {
    String stream = Objects.requireNonNull(streamName, "the stream's name is missing");
    KinesisClientFactory clients =
        new ServiceClients(Objects.requireNonNull(region, "the region is missing"), endpoint);
    return new KinesisStreamsSource<>(
        region,
        stream,
        () -> new KinesisStreamProxy(clients.create(), stream),
        Objects.requireNonNull(schema, "the deserialization schema is missing"),
        new ReadSettings(
            Objects.requireNonNull(lateness, "the lateness is missing"), tipSlack, readShare));
  }
}
