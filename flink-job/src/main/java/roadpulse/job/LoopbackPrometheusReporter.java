package roadpulse.job;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.prometheus.AbstractPrometheusReporter;

/**
 * Flink's reporter for Prometheus on this machine alone: its own one listens on all addresses, and
 * cannot be told otherwise.
 */
final class LoopbackPrometheusReporter extends AbstractPrometheusReporter {

  private final int port;
  private HTTPServer server;

  LoopbackPrometheusReporter(int port) {
    this.port = port;
  }

  @Override
  public void open(MetricConfig config) {
    super.open(config);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      server = new HTTPServer(address, registry(), true);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics cannot be served at " + address, e);
    }
  }

  @Override
  public void close() {
    if (server != null) server.stop();
    super.close();
  }

  /** Where it is reached, when the port was 0. */
  int port() {
    return server.getPort();
  }

  /** The superclass keeps it to its package. */
  private CollectorRegistry registry() {
    try {
      Field registry = AbstractPrometheusReporter.class.getDeclaredField("registry");
      registry.setAccessible(true);
      return (CollectorRegistry) registry.get(this);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("another version of flink-metrics-prometheus", e);
    }
  }
}
