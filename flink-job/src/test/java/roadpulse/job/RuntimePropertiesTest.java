package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimePropertiesTest {

  @TempDir Path folder;

  @Test
  void whatIsNotSetHasItsDefault() throws IOException {
    RuntimeProperties properties =
        RuntimeProperties.read(
            file(
                """
                "raw.stream": "raw", "processed.stream": "processed", "aws.region": "us-east-1"
                """,
                """
                "checkpoint.dir": "checkpoints"
                """));
    assertThat(properties.job().lateness()).isEqualTo(Duration.ofSeconds(30));
    assertThat(properties.job().tipSlack()).isEqualTo(Duration.ofSeconds(10));
    assertThat(properties.job().dedup()).isEqualTo(Duration.ofHours(24));
    assertThat(properties.job().kinesisEndpoint()).isNull();
    assertThat(properties.local().parallelism()).isEqualTo(2);
  }

  @Test
  void allFaultsAreReportedAtOnce() throws IOException {
    Path file =
        file(
            """
            "raw.stream": " ", "aws.region": "us-east-1", "lateness.seconds": "soon",
            "source.share": "1.5", "dedup.hour": "24"
            """,
            """
            "parallelism": "0", "rest.port": "80810"
            """);
    assertThatThrownBy(() -> RuntimeProperties.read(file))
        .isInstanceOf(InvalidOptionsException.class)
        .hasMessage(
            """
            Roadpulse.raw.stream is missing
            Roadpulse.processed.stream is missing
            Roadpulse.lateness.seconds is "soon", not a whole number from 1 to 3600
            Roadpulse.source.share is "1.5", not a number from 0.01 to 1.0
            Roadpulse.dedup.hour is not known
            Local.checkpoint.dir is missing
            Local.parallelism is "0", not a whole number from 1 to 128
            Local.rest.port is "80810", not a whole number from 0 to 65535""");
  }

  @Test
  void aFileThatIsNotThereIsAFaultOfTheOptions() {
    assertThatThrownBy(() -> RuntimeProperties.read(folder.resolve("missing.json")))
        .isInstanceOf(InvalidOptionsException.class)
        .hasMessageContaining("missing.json");
  }

  private Path file(String roadpulse, String local) throws IOException {
    return Files.writeString(
        folder.resolve("properties.json"),
        """
        [{"PropertyGroupId": "Roadpulse", "PropertyMap": {%s}},
         {"PropertyGroupId": "Local", "PropertyMap": {%s}}]
        """
            .formatted(roadpulse, local));
  }
}
