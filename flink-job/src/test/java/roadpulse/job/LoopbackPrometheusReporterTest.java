package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.runtime.metrics.filter.ReporterFilter;
import org.apache.flink.runtime.metrics.groups.FrontMetricGroup;
import org.apache.flink.runtime.metrics.groups.ReporterScopedSettings;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.junit.jupiter.api.Test;

class LoopbackPrometheusReporterTest {

  @Test
  void flinksMetricsAreServedAndOnThisMachineOnly() throws Exception {
    LoopbackPrometheusReporter reporter = open();
    try {
      SimpleCounter counter = new SimpleCounter();
      counter.inc(7);
      reporter.notifyOfAddedMetric(
          counter,
          "numRecordsIn",
          new FrontMetricGroup<>(
              new ReporterScopedSettings<>(0, '.', ReporterFilter.NO_OP_FILTER, Set.of(), Map.of()),
              UnregisteredMetricGroups.createUnregisteredTaskManagerMetricGroup()));
      assertThat(scrape(reporter.port())).contains("numRecordsIn").contains(" 7.0");
      for (InetAddress other : otherAddresses()) {
        assertThatThrownBy(() -> new Socket(other, reporter.port()).close())
            .as("%s", other)
            .isInstanceOf(ConnectException.class);
      }
    } finally {
      reporter.close();
    }
    assertThatThrownBy(() -> scrape(reporter.port())).isInstanceOf(ConnectException.class);
  }

  @Test
  void flinkFindsTheFactoryByItsName() {
    assertThat(ServiceLoader.load(MetricReporterFactory.class))
        .anyMatch(LoopbackPrometheusReporterFactory.class::isInstance);
  }

  private static LoopbackPrometheusReporter open() {
    Properties properties = new Properties();
    properties.setProperty(LoopbackPrometheusReporterFactory.PORT, "0");
    LoopbackPrometheusReporter reporter =
        (LoopbackPrometheusReporter)
            new LoopbackPrometheusReporterFactory().createMetricReporter(properties);
    reporter.open(new MetricConfig());
    return reporter;
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
        .body();
  }

  private static List<InetAddress> otherAddresses() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .toList();
  }
}
