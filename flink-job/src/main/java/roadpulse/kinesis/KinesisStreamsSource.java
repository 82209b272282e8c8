package roadpulse.kinesis;

import java.time.Clock;
import java.util.Set;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;

/**
 * Reads a Kinesis stream by polling, from its oldest record, and emits the watermarks itself: only
 * the source knows that a shard was read to its tip. Use it with {@code
 * WatermarkStrategy.noWatermarks()}, with alignment if wanted.
 *
 * @param <T> the type that the deserialization schema produces
 */
public final class KinesisStreamsSource<T>
    implements Source<T, KinesisShardSplit, KinesisStreamsSourceEnumeratorState>,
        ResultTypeQueryable<T> {

  /** Reads wait on the network most of the time: 8 threads serve well over 100 shards. */
  private static final int READ_THREADS = 8;

  private final String region;
  private final String streamName;
  private final StreamProxy.Factory streams;
  private final KinesisDeserializationSchema<T> schema;
  private final ReadSettings settings;

  KinesisStreamsSource(
      String region,
      String streamName,
      StreamProxy.Factory streams,
      KinesisDeserializationSchema<T> schema,
      ReadSettings settings) {
    this.region = region;
    this.streamName = streamName;
    this.streams = streams;
    this.schema = schema;
    this.settings = settings;
  }

  public static <T> KinesisStreamsSourceBuilder<T> builder() {
    return new KinesisStreamsSourceBuilder<>();
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SplitEnumerator<KinesisShardSplit, KinesisStreamsSourceEnumeratorState> createEnumerator(
      SplitEnumeratorContext<KinesisShardSplit> context) {
    return restoreEnumerator(
        context, new KinesisStreamsSourceEnumeratorState(streamName, Set.of()));
  }

  @Override
  public SplitEnumerator<KinesisShardSplit, KinesisStreamsSourceEnumeratorState> restoreEnumerator(
      SplitEnumeratorContext<KinesisShardSplit> context,
      KinesisStreamsSourceEnumeratorState state) {
    return new KinesisStreamsSourceEnumerator(context, streamName, streams.create(), state);
  }

  @Override
  public SourceReader<T, KinesisShardSplit> createReader(SourceReaderContext context) {
    return new KinesisStreamsSourceReader<>(
        context,
        schema,
        region,
        streamName,
        streams.create(),
        settings,
        Executors.newScheduledThreadPool(READ_THREADS, new ExecutorThreadFactory("kinesis-read")),
        Clock.systemUTC());
  }

  @Override
  public SimpleVersionedSerializer<KinesisShardSplit> getSplitSerializer() {
    return new KinesisShardSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KinesisStreamsSourceEnumeratorState>
      getEnumeratorCheckpointSerializer() {
    return new KinesisStreamsSourceEnumeratorStateSerializer();
  }

  @Override
  public TypeInformation<T> getProducedType() {
    return schema.getProducedType();
  }
}
