package roadpulse.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the checkpoint that a killed run left behind: {@code <checkpoints>/<job id>/chk-<n>}. */
final class LatestCheckpoint {

  private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d+)");

  private LatestCheckpoint() {}

  /**
   * The complete checkpoint with the highest number. Flink writes {@code _metadata} last and at
   * once: a directory without it was still being written when the process died.
   */
  static Optional<Path> in(Path jobDirectory) throws IOException {
    if (!Files.isDirectory(jobDirectory)) return Optional.empty();
    try (Stream<Path> entries = Files.list(jobDirectory)) {
      return entries
          .filter(path -> CHECKPOINT.matcher(path.getFileName().toString()).matches())
          .filter(path -> Files.isRegularFile(path.resolve("_metadata")))
          .max(Comparator.comparingLong(LatestCheckpoint::number));
    }
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring("chk-".length()));
  }
}
