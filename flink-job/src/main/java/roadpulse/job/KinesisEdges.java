package roadpulse.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import roadpulse.kinesis.KinesisDeserializationSchema;
import roadpulse.kinesis.KinesisStreamsSink;
import roadpulse.kinesis.KinesisStreamsSource;
import software.amazon.awssdk.services.kinesis.model.Record;

/** Where the job meets the connector; the only class of the job that knows it. */
final class KinesisEdges {

  /**
   * How far a shard may run ahead of the slowest, in event time, when the job catches up: what is
   * ahead waits in the windows' state.
   */
  private static final Duration MAX_DRIFT = Duration.ofMinutes(2);

  private static final Duration ALIGNMENT_INTERVAL = Duration.ofSeconds(1);

  /**
   * Records come in bursts, a page of each shard every quarter of a second: a longer wait would not
   * make larger batches, only later ones.
   */
  private static final long MAX_TIME_IN_BUFFER_MS = 50;

  private KinesisEdges() {}

  static DataStream<RawRecord> read(StreamExecutionEnvironment env, JobOptions options) {
    KinesisStreamsSource<RawRecord> source =
        KinesisStreamsSource.<RawRecord>builder()
            .setStreamName(options.rawStream())
            .setRegion(options.region())
            .setEndpoint(options.kinesisEndpoint())
            .setDeserializationSchema(new RawRecordSchema())
            .setLateness(options.lateness())
            .setTipSlack(options.tipSlack())
            .setReadShare(options.sourceShare())
            .build();
    WatermarkStrategy<RawRecord> fromSource =
        WatermarkStrategy.<RawRecord>noWatermarks()
            .withWatermarkAlignment("raw", MAX_DRIFT, ALIGNMENT_INTERVAL);
    return env.fromSource(source, fromSource, "raw stream").uid("raw-stream");
  }

  static void write(DataStream<Envelope> envelopes, JobOptions options) {
    KinesisStreamsSink<Envelope> sink =
        KinesisStreamsSink.<Envelope>builder()
            .setStreamName(options.processedStream())
            .setRegion(options.region())
            .setEndpoint(options.kinesisEndpoint())
            .setSerializationSchema(new EnvelopeBytes())
            .setPartitionKeyGenerator(envelope -> envelope.partitionKey)
            .setMaxTimeInBufferMS(MAX_TIME_IN_BUFFER_MS)
            // The start of a surge comes before its end.
            .setOrderPerKey(true)
            .build();
    envelopes.sinkTo(sink).name("processed stream").uid("processed-stream");
  }

  /** Keeps a record as it came: decoding is the next operator's work. */
  static final class RawRecordSchema implements KinesisDeserializationSchema<RawRecord> {

    @Override
    public void deserialize(
        Record record, String stream, String shardId, Collector<RawRecord> output) {
      RawRecord raw = new RawRecord();
      raw.shardId = shardId;
      raw.sequenceNumber = record.sequenceNumber();
      raw.partitionKey = record.partitionKey();
      raw.arrivedAt = record.approximateArrivalTimestamp().toEpochMilli();
      raw.data = record.data().asByteArrayUnsafe();
      output.collect(raw);
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
      return TypeInformation.of(RawRecord.class);
    }
  }

  private static final class EnvelopeBytes implements SerializationSchema<Envelope> {
    @Override
    public byte[] serialize(Envelope envelope) {
      return envelope.json;
    }
  }
}
