package roadpulse.kinesis;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The connector alone, source into sink as the job sets them up, against {@link BareLoop}: the same
 * records, the same SDK and JVM, by turns. Without the pace that Kinesis would impose. Prints one
 * line of JSON.
 *
 * <p>Arguments: the endpoint, the region, the stream to read and how many records it holds, the
 * stream to write to, the rounds.
 */
public final class ConnectorBench {

  private static final int PARALLELISM = 2;
  private static final double NO_PACE = 1_000_000;

  /** What a pass begins and ends with is not measured: Flink starts, buffers run empty. */
  private static final double MEASURED_FROM = 0.1;

  private static final double MEASURED_TO = 0.9;

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final KinesisClientFactory clients;
  private final KinesisClientFactory counting;
  private final String region;
  private final String source;
  private final long records;
  private final String sink;

  private ConnectorBench(String[] args) {
    KinesisClientFactory plain = new ServiceClients(args[1], args[0]);
    this.clients = plain;
    this.region = args[1];
    this.counting = () -> new CountingClient(plain.create());
    this.source = args[2];
    this.records = Long.parseLong(args[3]);
    this.sink = args[4];
  }

  public static void main(String[] args) throws Exception {
    ConnectorBench bench = new ConnectorBench(args);
    int rounds = Integer.parseInt(args[5]);
    // The first of each runs the JVM warm.
    Figures first = bench.measure(bench::runConnector);
    bench.measure(bench::runBareLoop);
    List<Figures> connector = new ArrayList<>();
    List<Figures> bare = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      bare.add(bench.measure(bench::runBareLoop));
      connector.add(bench.measure(bench::runConnector));
    }
    System.out.printf(
        "{\"recordsPerSecond\": %.0f, \"bareRecordsPerSecond\": %.0f,"
            + " \"cpuSecondsPer100kRecords\": %.2f, \"bareCpuSecondsPer100kRecords\": %.2f,"
            + " \"startToFirstEventMs\": %d}%n",
        median(connector, Figures::recordsPerSecond),
        median(bare, Figures::recordsPerSecond),
        median(connector, Figures::cpuSecondsPer100k),
        median(bare, Figures::cpuSecondsPer100k),
        first.firstTakenAt() - ManagementFactory.getRuntimeMXBean().getStartTime());
    Runtime.getRuntime().halt(0);
  }

  /** Runs one pass and measures its middle. */
  private Figures measure(Pass pass) throws Exception {
    CountingClient.TAKEN.reset();
    AutoCloseable running = pass.start();
    awaitTaken(1);
    long firstTakenAt = System.currentTimeMillis();
    Sample from = awaitTaken((long) (MEASURED_FROM * records));
    Sample to = awaitTaken((long) (MEASURED_TO * records));
    awaitTaken(records);
    running.close();
    double taken = to.taken - from.taken;
    return new Figures(
        taken / (to.nanos - from.nanos) * 1e9,
        (to.cpuNanos - from.cpuNanos) / 1e9 / taken * 100_000,
        firstTakenAt);
  }

  private AutoCloseable runBareLoop() {
    Thread loop = new Thread(new BareLoop(clients, counting, source, sink)::run, "bare loop");
    loop.start();
    return loop::join;
  }

  private AutoCloseable runConnector() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, configuration);
    KinesisClientFactory reading = clients;
    String region = this.region;
    String stream = source;
    env.fromSource(
            new KinesisStreamsSource<>(
                region,
                stream,
                () -> new KinesisStreamProxy(reading.create(), stream),
                new PassOn(),
                new ReadSettings(Duration.ofSeconds(30), Duration.ofSeconds(10), NO_PACE)),
            WatermarkStrategy.noWatermarks(),
            "source")
        .sinkTo(
            new KinesisStreamsSink<>(
                sink,
                counting,
                new KinesisStreamsSinkElementConverter<>(
                    passed -> passed.data, passed -> passed.key),
                PutLimits.ofService(200),
                true));
    JobClient job = env.executeAsync("pass on");
    return () -> job.cancel().get();
  }

  private static Sample awaitTaken(long taken) throws InterruptedException {
    while (CountingClient.TAKEN.sum() < taken) Thread.sleep(1);
    return new Sample(System.nanoTime(), PROCESS.getProcessCpuTime(), CountingClient.TAKEN.sum());
  }

  private static double median(List<Figures> rounds, ToDoubleFunction<Figures> figure) {
    double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** Starts to pass all records on; closed when that is done. */
  private interface Pass {
    AutoCloseable start() throws Exception;
  }

  private record Figures(double recordsPerSecond, double cpuSecondsPer100k, long firstTakenAt) {}

  private record Sample(long nanos, long cpuNanos, long taken) {}

  /** A record on its way. */
  public static final class Passed {
    public String key;
    public byte[] data;
  }

  private static final class PassOn implements KinesisDeserializationSchema<Passed> {
    @Override
    public void deserialize(
        Record record, String stream, String shardId, Collector<Passed> output) {
      Passed passed = new Passed();
      passed.key = record.partitionKey();
      passed.data = record.data().asByteArrayUnsafe();
      output.collect(passed);
    }

    @Override
    public TypeInformation<Passed> getProducedType() {
      return TypeInformation.of(Passed.class);
    }
  }
}
