package roadpulse.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.util.CloseableIterator;

/** The whole job but its edges: records in the order of their arrival become envelopes. */
final class JobWithoutEdges {

  private JobWithoutEdges() {}

  static List<byte[]> run(List<RawRecord> records, Duration lateness) throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(AccidentsJob.jobConfiguration());
    env.setParallelism(2);
    DataStream<RawRecord> raw =
        env.fromData(records, TypeInformation.of(RawRecord.class))
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<RawRecord>forBoundedOutOfOrderness(lateness.plusSeconds(1))
                    .withTimestampAssigner((record, none) -> record.arrivedAt))
            .setParallelism(1)
            // As on a shard, what shares a partition key keeps the order of the file: it decides
            // which copy is the first.
            .keyBy(record -> record.partitionKey);
    Properties properties = new Properties();
    properties.setProperty("raw.stream", "none");
    properties.setProperty("processed.stream", "none");
    properties.setProperty("aws.region", "none");
    properties.setProperty("lateness.seconds", String.valueOf(lateness.toSeconds()));
    JobOptions options =
        JobOptions.read(new PropertyGroup(JobOptions.GROUP, properties, new ArrayList<>()));
    List<byte[]> emitted = new ArrayList<>();
    try (CloseableIterator<Envelope> envelopes =
        AccidentsTopology.build(raw, StreamTableEnvironment.create(env), options)
            .executeAndCollect()) {
      while (envelopes.hasNext()) emitted.add(envelopes.next().json);
    }
    return emitted;
  }
}
