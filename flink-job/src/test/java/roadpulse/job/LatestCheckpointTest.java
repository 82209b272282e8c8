package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestCheckpointTest {

  @TempDir Path folder;

  @Test
  void theHighestNumberWinsNotTheLastInTheAlphabet() throws IOException {
    complete("chk-9");
    Path latest = complete("chk-10");
    assertThat(LatestCheckpoint.in(folder)).contains(latest);
  }

  @Test
  void aCheckpointThatWasNotFinishedIsPassedOver() throws IOException {
    Path complete = complete("chk-3");
    Files.createDirectories(folder.resolve("chk-4"));
    Files.createDirectories(folder.resolve("shared"));
    assertThat(LatestCheckpoint.in(folder)).contains(complete);
  }

  @Test
  void theFirstRunFindsNone() throws IOException {
    assertThat(LatestCheckpoint.in(folder.resolve("missing"))).isEmpty();
  }

  private Path complete(String name) throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve(name));
    Files.createFile(checkpoint.resolve("_metadata"));
    return checkpoint;
  }
}
