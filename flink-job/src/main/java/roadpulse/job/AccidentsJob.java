package roadpulse.job;

import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.api.config.TableConfigOptions;

/**
 * Stream 1 in, stream 2 out. On Managed Flink the service configures the cluster; with the system
 * property {@value #PROPERTIES_FILE} the job runs in this JVM.
 */
public final class AccidentsJob {

  static final String PROPERTIES_FILE = "roadpulse.properties";

  private static final int EXIT_CONFIGURATION = 2;

  private AccidentsJob() {}

  public static void main(String[] args) throws Exception {
    String file = System.getProperty(PROPERTIES_FILE);
    if (file == null) {
      RuntimeProperties properties = RuntimeProperties.read(null);
      run(StreamExecutionEnvironment.getExecutionEnvironment(jobConfiguration()), properties.job());
      return;
    }
    try {
      RuntimeProperties properties = RuntimeProperties.read(Path.of(file));
      run(LocalEnvironment.create(properties.local(), jobConfiguration()), properties.job());
    } catch (InvalidOptionsException invalid) {
      System.err.println(invalid.getMessage());
      System.exit(EXIT_CONFIGURATION);
    } catch (Exception fatal) {
      fatal.printStackTrace();
      // Threads of the cluster would keep the process alive.
      System.exit(1);
    }
  }

  private static void run(StreamExecutionEnvironment env, JobOptions options) throws Exception {
    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
    DataStream<RawRecord> raw = KinesisEdges.read(env, options);
    KinesisEdges.write(AccidentsTopology.build(raw, tables, options), options);
    env.execute("roadpulse");
  }

  /** Only what Managed Flink lets a program set; it refuses to run one that sets anything else. */
  static Configuration jobConfiguration() {
    Configuration configuration = new Configuration();
    // A type that would need Kryo is a mistake, found when the job starts.
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    // No operator keeps or changes what it was given.
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    // Part of the state's layout: it must never change.
    configuration.set(PipelineOptions.MAX_PARALLELISM, 128);
    configuration.set(TableConfigOptions.LOCAL_TIME_ZONE, "UTC");
    return configuration;
  }
}
