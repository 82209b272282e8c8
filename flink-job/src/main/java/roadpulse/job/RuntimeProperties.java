package roadpulse.job;

import com.amazonaws.services.kinesisanalytics.runtime.KinesisAnalyticsRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The runtime properties of Managed Flink, or the same JSON from a file of our own.
 *
 * @param local null on Managed Flink, which sets all that itself
 */
record RuntimeProperties(JobOptions job, LocalOptions local) {

  /**
   * Reads them.
   *
   * @param file null for where Managed Flink puts them
   * @throws InvalidOptionsException naming all faults at once
   */
  static RuntimeProperties read(Path file) {
    List<String> faults = new ArrayList<>();
    Map<String, Properties> groups = load(file);
    PropertyGroup jobGroup = group(JobOptions.GROUP, groups, faults);
    JobOptions job = JobOptions.read(jobGroup);
    jobGroup.refuseUnknown();
    LocalOptions local = null;
    if (file != null) {
      PropertyGroup localGroup = group(LocalOptions.GROUP, groups, faults);
      local = LocalOptions.read(localGroup);
      localGroup.refuseUnknown();
    }
    if (!faults.isEmpty()) throw new InvalidOptionsException(faults);
    return new RuntimeProperties(job, local);
  }

  private static Map<String, Properties> load(Path file) {
    // The library takes a missing file for an empty one.
    if (file != null && !Files.isRegularFile(file)) {
      throw new InvalidOptionsException(List.of("there is no file of properties at " + file));
    }
    try {
      return file == null
          ? KinesisAnalyticsRuntime.getApplicationProperties()
          : KinesisAnalyticsRuntime.getApplicationProperties(file.toString());
    } catch (IOException unreadable) {
      throw new InvalidOptionsException(
          List.of("the properties cannot be read: " + unreadable.getMessage()));
    }
  }

  private static PropertyGroup group(
      String name, Map<String, Properties> groups, List<String> faults) {
    return new PropertyGroup(name, groups.getOrDefault(name, new Properties()), faults);
  }
}
