package roadpulse.kinesis;

import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.KinesisClientBuilder;

/**
 * Makes Kinesis clients on the task managers. The blocking client over HTTP/1.1 serves source and
 * sink: their requests wait on threads of their own anyway, and every stand-in speaks it.
 *
 * @param region the region, also of the signature when an endpoint is given
 * @param endpoint null for the region's own
 */
record ServiceClients(String region, String endpoint) implements KinesisClientFactory {

  private static final int MAX_CONNECTIONS = 64;
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(3);

  /** A request that hangs is tried again; the largest answer, 10 MiB, takes far less. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(15);

  @Override
  public KinesisClient create() {
    KinesisClientBuilder builder =
        KinesisClient.builder()
            .region(Region.of(region))
            .httpClientBuilder(
                ApacheHttpClient.builder()
                    .maxConnections(MAX_CONNECTIONS)
                    .connectionTimeout(CONNECTION_TIMEOUT))
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
                    // Who calls paces and backs off; retries underneath would count against the
                    // pace.
                    .retryStrategy(AwsRetryStrategy.doNotRetry())
                    .build());
    if (endpoint != null) builder.endpointOverride(URI.create(endpoint));
    return builder.build();
  }
}
