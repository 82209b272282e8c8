package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as a process, between two streams of kinesalite. */
class AccidentsJobIT {

  @TempDir Path folder;

  @Test
  void nothingIsLostOrCountedTwiceThroughKillsFaultsSplitsAndMerges() throws Exception {
    surviveKills(3, 500);
  }

  @Test
  @Tag("long")
  void nothingIsLostOrCountedTwiceThroughTwentyKills() throws Exception {
    surviveKills(20, 200);
  }

  private void surviveKills(int kills, int rate) throws Exception {
    long seed = new Random().nextLong();
    try (JobOrdeal ordeal = new JobOrdeal(folder, rate, seed)) {
      ordeal.surviveKills(kills);
    } catch (Exception | AssertionError failure) {
      throw new AssertionError("with the seed " + seed + ": " + failure.getMessage(), failure);
    }
  }

  @Test
  void wrongOptionsAreNamedAllAtOnceAndEndTheProcessWithCode2() throws Exception {
    Path properties =
        Files.writeString(
            folder.resolve("properties.json"),
            """
            [{"PropertyGroupId": "Roadpulse", "PropertyMap": {"lateness.seconds": "soon"}}]
            """);
    try (JobProcess job = new JobProcess(properties, folder.resolve("job.log"))) {
      assertThat(job.waitFor(30)).isEqualTo(2);
      assertThat(job.log())
          .contains("Roadpulse.raw.stream is missing")
          .contains("Roadpulse.lateness.seconds is \"soon\"")
          .contains("Local.checkpoint.dir is missing");
    }
  }
}
