package roadpulse.kinesis;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Streams in memory for jobs on a MiniCluster, which shares the JVM with the test. */
public final class InMemoryStreams {

  private static final Map<String, FakeStream> STREAMS = new ConcurrentHashMap<>();

  private InMemoryStreams() {}

  /** Creates the stream, or replaces the one of that name. */
  public static void create(String name, Clock clock, int shards) {
    STREAMS.put(name, new FakeStream(clock, shards));
  }

  /** Puts a record that arrives when the stream's clock says. */
  public static void put(String name, String partitionKey, byte[] data) {
    STREAMS.get(name).put(partitionKey, data, 0);
  }

  public static <T> KinesisStreamsSource<T> source(
      String name, KinesisDeserializationSchema<T> schema, Duration lateness) {
    return new KinesisStreamsSource<>(
        "us-east-1",
        name,
        () -> STREAMS.get(name),
        schema,
        new ReadSettings(lateness, Duration.ofSeconds(1), 1));
  }
}
