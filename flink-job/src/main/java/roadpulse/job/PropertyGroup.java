package roadpulse.job;

import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * Reads the values of one property group and gathers what is wrong with them, so that all faults
 * can be reported at once. A value that is wrong reads as the default, or null.
 */
final class PropertyGroup {

  private final String name;
  private final Properties properties;
  private final List<String> faults;
  private final Set<String> asked = new HashSet<>();

  PropertyGroup(String name, Properties properties, List<String> faults) {
    this.name = name;
    this.properties = properties;
    this.faults = faults;
  }

  String text(String key) {
    String value = textOr(key, null);
    if (value == null) fault(key, "is missing");
    return value;
  }

  String textOr(String key, String defaultValue) {
    asked.add(key);
    String value = properties.getProperty(key, "").strip();
    return value.isEmpty() ? defaultValue : value;
  }

  long integer(String key, long defaultValue, long min, long max) {
    return (long) number(key, defaultValue, min, max, true);
  }

  double decimal(String key, double defaultValue, double min, double max) {
    return number(key, defaultValue, min, max, false);
  }

  private double number(String key, double defaultValue, double min, double max, boolean whole) {
    String text = textOr(key, null);
    if (text == null) return defaultValue;
    try {
      double value = whole ? Long.parseLong(text) : Double.parseDouble(text);
      if (value >= min && value <= max) return value;
    } catch (NumberFormatException notANumber) {
      // Reported below, as a number out of range is.
    }
    fault(
        key,
        whole
            ? "is \"%s\", not a whole number from %d to %d".formatted(text, (long) min, (long) max)
            : "is \"%s\", not a number from %s to %s".formatted(text, min, max));
    return defaultValue;
  }

  /** A misspelt key would otherwise be ignored without a word. */
  void refuseUnknown() {
    for (String key : properties.stringPropertyNames()) {
      if (!asked.contains(key)) fault(key, "is not known");
    }
  }

  private void fault(String key, String what) {
    faults.add(name + "." + key + " " + what);
  }
}
