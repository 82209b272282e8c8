package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is in the jar that is deployed. That it runs, H3's native library included, is {@link
 * AccidentsJobIT}'s.
 */
class JobJarIT {

  /** Managed Flink brings these, and two copies of one class are two classes. */
  private static final List<String> PROVIDED =
      List.of(
          "org/apache/flink/",
          "org/slf4j/",
          "org/apache/logging/",
          "com/amazonaws/services/kinesisanalytics/",
          "org/rocksdb/");

  private static final String JACKSON = "com/fasterxml/jackson/";

  private static JarFile jar;
  private static List<String> names;

  @BeforeAll
  static void open() throws IOException {
    jar = new JarFile(Path.of(System.getProperty("build.folder"), "flink-job.jar").toFile());
    names = jar.stream().map(ZipEntry::getName).toList();
  }

  @AfterAll
  static void close() throws IOException {
    jar.close();
  }

  @Test
  void whatManagedFlinkProvidesIsNotBroughtAlong() {
    assertThat(names)
        .noneMatch(name -> PROVIDED.stream().anyMatch(withoutVersion(name)::startsWith));
  }

  @Test
  void noClassAsksForTheJacksonThatTheRuntimeMayHaveInAnotherVersion() {
    assertThat(names).noneMatch(name -> withoutVersion(name).startsWith(JACKSON));
    assertThat(names.stream().filter(name -> name.endsWith(".class")))
        .noneMatch(name -> read(name).contains(JACKSON));
    assertThat(names.stream().filter(name -> name.startsWith("META-INF/services/")))
        .noneMatch(name -> name.contains("fasterxml") || read(name).contains("com.fasterxml"));
  }

  @Test
  void signaturesOfWhatWasPackedAreNotTakenForItsOwn() {
    assertThat(names).noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA|EC)"));
  }

  @Test
  void noEntryIsThereTwice() {
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void rulesViewsAndNativeLibrariesAreInIt() throws IOException {
    assertThat(names)
        .contains(
            "rules/zones.json",
            "rules/ranges.json",
            "rules/weather.json",
            "rules/roads.json",
            "rules/rush-hours.json",
            "sql/aggregates.sql",
            "sql/area_minutes.sql",
            "sql/hotspots.sql",
            "sql/state_severity_minute.sql",
            "sql/top_cities.sql")
        // Managed Flink runs on the first, or on the second one day.
        .contains("linux-x64/libh3-java.so", "linux-arm64/libh3-java.so");
    assertThat(jar.getManifest()).as("manifest").isNotNull();
    assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
        .isEqualTo(AccidentsJob.class.getName());
  }

  /** Of a jar for several releases of Java the name that a class has in its package. */
  private static String withoutVersion(String name) {
    return name.replaceFirst("^META-INF/versions/\\d+/", "");
  }

  /** Bytes as characters: names of classes are there as they are. */
  private static String read(String name) {
    try {
      byte[] bytes = jar.getInputStream(jar.getEntry(name)).readAllBytes();
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
