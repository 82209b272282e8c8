package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.AccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

class KinesisFaultsTest {

  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));

  static Stream<Throwable> passing() {
    return Stream.of(
        ProvisionedThroughputExceededException.builder().statusCode(400).build(),
        LimitExceededException.builder().statusCode(400).build(),
        KmsThrottlingException.builder().statusCode(400).build(),
        ExpiredNextTokenException.builder().statusCode(400).build(),
        ResourceInUseException.builder().statusCode(400).build(),
        KinesisException.builder().statusCode(500).build(),
        withCode("ThrottlingException"),
        withCode("InternalFailure"));
  }

  @ParameterizedTest
  @MethodSource("passing")
  void whatPassesByItselfIsTriedAgain(Throwable fault) {
    assertThat(KinesisFaults.isTransient(fault)).isTrue();
  }

  static Stream<Throwable> lasting() {
    return Stream.of(
        ResourceNotFoundException.builder().statusCode(400).build(),
        AccessDeniedException.builder().statusCode(400).build(),
        KmsAccessDeniedException.builder().statusCode(400).build(),
        InvalidArgumentException.builder().statusCode(400).build(),
        withCode("UnrecognizedClientException"),
        new IllegalStateException("a fault of our own"));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void whatLastsIsNotTriedForEver(Throwable fault) {
    assertThat(KinesisFaults.isTransient(fault)).isFalse();
  }

  /** What the SDK makes of a service that is there and does not speak. */
  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"})
  void anAnswerThatDoesNotComeOrStopsIsTriedAgain(String answer) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread service = new Thread(() -> answerAndHang(server, answer));
      service.setDaemon(true);
      service.start();
      assertThat(KinesisFaults.isTransient(faultOf(server.getLocalPort(), CREDENTIALS))).isTrue();
    }
  }

  @Test
  void aServiceThatIsNotThereIsTriedAgain() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    assertThat(KinesisFaults.isTransient(faultOf(port, CREDENTIALS))).isTrue();
  }

  @Test
  void missingCredentialsDoNotComeByWaiting() {
    AwsCredentialsProvider none = ProfileCredentialsProvider.create("no-such-profile");
    assertThat(KinesisFaults.isTransient(faultOf(1, none))).isFalse();
  }

  private static Throwable faultOf(int port, AwsCredentialsProvider credentials) {
    try (KinesisClient client =
        KinesisClient.builder()
            .region(Region.US_EAST_1)
            .endpointOverride(URI.create("http://127.0.0.1:" + port))
            .credentialsProvider(credentials)
            .httpClientBuilder(ApacheHttpClient.builder())
            .overrideConfiguration(
                override ->
                    override
                        .apiCallAttemptTimeout(Duration.ofMillis(200))
                        .retryStrategy(AwsRetryStrategy.doNotRetry()))
            .build()) {
      return catchThrowable(() -> client.listShards(request -> request.streamName("stream")));
    }
  }

  private static void answerAndHang(ServerSocket server, String answer) {
    try (Socket connection = server.accept()) {
      connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      connection.getOutputStream().flush();
      // Until the client has had enough.
      while (connection.getInputStream().read() >= 0) {}
    } catch (IOException ended) {
      // The test is over.
    }
  }

  private static Throwable withCode(String code) {
    return KinesisException.builder()
        .statusCode(400)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
        .build();
  }
}
