package roadpulse.job;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.FileUtils;

/**
 * The job as the one-machine stack starts it: the shaded jar, and the provided libraries beside it.
 */
final class JobProcess implements AutoCloseable {

  private static final Path BUILD = Path.of(System.getProperty("build.folder"));

  private final Process process;
  private final Path log;

  /**
   * @param properties whose folder is the job's own: beside them is what the JVM unpacks, which a
   *     killed one leaves behind
   */
  JobProcess(Path properties, Path log) throws IOException {
    this.log = log;
    Path unpacked = properties.resolveSibling("tmp");
    FileUtils.deleteDirectory(unpacked.toFile());
    Files.createDirectories(unpacked);
    String provided = Files.readString(BUILD.resolve("classpath.txt")).strip();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@local.jvm-options",
                "-Djava.io.tmpdir=" + unpacked,
                "-Droadpulse.properties=" + properties,
                "-cp",
                BUILD.resolve("flink-job.jar") + File.pathSeparator + provided,
                "roadpulse.job.AccidentsJob"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("AWS_ACCESS_KEY_ID", "local");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "local");
    process = builder.start();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits at most so long; returns the exit code, or null when it still runs. */
  Integer waitFor(long seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS) ? process.exitValue() : null;
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void terminate() {
    process.destroy();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
