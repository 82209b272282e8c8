package roadpulse.job;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Flink finds it by META-INF/services, and takes it where a configuration names it. */
public final class LoopbackPrometheusReporterFactory implements MetricReporterFactory {

  static final String PORT = "port";

  @Override
  public MetricReporter createMetricReporter(Properties properties) {
    return new LoopbackPrometheusReporter(Integer.parseInt(properties.getProperty(PORT)));
  }
}
