package roadpulse.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * The job without Kinesis: rows from memory, everything between the edges, nothing at the end;
 * RocksDB and checkpoints every 5 s, as the local stack has them. Prints one line of JSON.
 *
 * <p>Arguments: a file of rows (partition key, tab, the JSON of the raw event from its {@code
 * features} on), the parallelism, how many records to run warm with, how many to measure, a folder
 * for checkpoints, the REST port.
 */
public final class JobBench {

  /** Of event time: what a stream brings live that keeps a core busy. */
  private static final long RECORDS_PER_SECOND = 10_000;

  private static final Duration LATENESS = Duration.ofSeconds(30);
  private static final LongAdder READ = new LongAdder();
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private JobBench() {}

  public static void main(String[] args) throws Exception {
    Path rows = Path.of(args[0]);
    int parallelism = Integer.parseInt(args[1]);
    long warmUp = Long.parseLong(args[2]);
    long measured = Long.parseLong(args[3]);
    JobClient job = start(rows, parallelism, warmUp + measured, args[4], args[5]);

    awaitRead(warmUp);
    Sample first = Sample.now();
    awaitRead(warmUp + measured);
    Sample last = Sample.now();
    long stateBytes = stateBytes(Integer.parseInt(args[5]), job, System.currentTimeMillis());
    double seconds = (last.nanos - first.nanos) / 1e9;
    double cpuSeconds = (last.cpuNanos - first.cpuNanos) / 1e9;
    double read = last.read - first.read;
    System.out.printf(
        "{\"eventsPerSecond\": %.0f, \"eventsPerSecondPerCore\": %.0f, \"cpuSecondsPer100k\": %.3f,"
            + " \"stateBytes\": %d, \"read\": %d}%n",
        read / seconds, read / cpuSeconds, cpuSeconds / read * 100_000, stateBytes, READ.sum());
    // Cancelling would wait for what is under way.
    Runtime.getRuntime().halt(0);
  }

  private static JobClient start(
      Path rows, int parallelism, long records, String checkpoints, String restPort)
      throws Exception {
    Configuration configuration = AccidentsJob.jobConfiguration();
    Properties local = new Properties();
    local.setProperty("checkpoint.dir", checkpoints);
    local.setProperty("parallelism", String.valueOf(parallelism));
    local.setProperty("rest.port", restPort);
    StreamExecutionEnvironment env =
        LocalEnvironment.create(
            LocalOptions.read(new PropertyGroup("Local", local, new ArrayList<>())), configuration);
    DataStream<RawRecord> raw =
        env.fromSource(
                // It never ends: a source that does would close all windows in the last second.
                new NumberSequenceSource(0, Long.MAX_VALUE / 2),
                WatermarkStrategy.noWatermarks(),
                "numbers")
            .map(new Rows(Files.readAllLines(rows), records))
            .returns(TypeInformation.of(RawRecord.class))
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<RawRecord>forBoundedOutOfOrderness(LATENESS.plusSeconds(1))
                    .withTimestampAssigner((record, none) -> record.arrivedAt));
    Properties properties = new Properties();
    properties.setProperty("raw.stream", "none");
    properties.setProperty("processed.stream", "none");
    properties.setProperty("aws.region", "none");
    properties.setProperty("lateness.seconds", String.valueOf(LATENESS.toSeconds()));
    JobOptions options =
        JobOptions.read(new PropertyGroup(JobOptions.GROUP, properties, new ArrayList<>()));
    AccidentsTopology.build(raw, StreamTableEnvironment.create(env), options)
        .sinkTo(new DiscardingSink<>());
    return env.executeAsync("bench");
  }

  private static void awaitRead(long records) throws InterruptedException {
    while (READ.sum() < records) Thread.sleep(20);
  }

  /** Of the first checkpoint that was triggered after {@code since}. */
  private static long stateBytes(int port, JobClient job, long since) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/jobs/%s/checkpoints".formatted(port, job.getJobID())))
            .build();
    while (true) {
      String body =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
      JsonNode completed = new ObjectMapper().readTree(body).at("/latest/completed");
      if (completed.path("trigger_timestamp").asLong() > since) {
        return completed.get("state_size").asLong();
      }
      Thread.sleep(200);
    }
  }

  private record Sample(long nanos, long cpuNanos, long read) {
    static Sample now() {
      return new Sample(System.nanoTime(), PROCESS.getProcessCpuTime(), READ.sum());
    }
  }

  /** Record n of a subtask: a row in its turn, under a key that no earlier cycle had. */
  private static final class Rows extends RichMapFunction<Long, RawRecord> {

    private static final long START = 1_800_000_000_000L;
    private static final long NETWORK_MS = 50;

    private final List<String> lines;
    private final long records;
    private transient String[] keys;
    private transient byte[][] rests;
    private transient long read;

    Rows(List<String> lines, long records) {
      this.lines = lines;
      this.records = records;
    }

    @Override
    public RawRecord map(Long number) throws InterruptedException {
      if (keys == null) open();
      int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
      long n = read++ * subtasks + getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
      // What was to be measured has been: the rest only lets checkpoints through.
      if (n >= records) Thread.sleep(10);
      READ.increment();
      int row = (int) (n % keys.length);
      long eventTime = START + n * 1_000 / RECORDS_PER_SECOND;
      byte[] head =
          ("{\"feed\":\"live-1\",\"seq\":"
                  + (n + 1)
                  + ",\"attempt\":1,\"event_time\":"
                  + eventTime
                  + ",\"emitted_at\":"
                  + eventTime
                  + ',')
              .getBytes(StandardCharsets.UTF_8);
      RawRecord record = new RawRecord();
      record.shardId = "shardId-000000000000";
      record.sequenceNumber = Long.toString(n);
      record.partitionKey = keys[row] + '|' + n / keys.length;
      record.arrivedAt = eventTime + NETWORK_MS;
      record.data = new byte[head.length + rests[row].length];
      System.arraycopy(head, 0, record.data, 0, head.length);
      System.arraycopy(rests[row], 0, record.data, head.length, rests[row].length);
      return record;
    }

    private void open() {
      keys = new String[lines.size()];
      rests = new byte[lines.size()][];
      for (int i = 0; i < keys.length; i++) {
        String[] parts = lines.get(i).split("\t", 2);
        keys[i] = parts[0];
        rests[i] = parts[1].getBytes(StandardCharsets.UTF_8);
      }
    }
  }
}
