package roadpulse.job;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an accident must satisfy: {@code lib/rules/ranges.json}. */
final class Ranges {

  record Range(double min, double max, boolean integer) {}

  record Box(double south, double north, double west, double east) {
    boolean holds(double lat, double lng) {
      return lat >= south && lat <= north && lng >= west && lng <= east;
    }
  }

  private final Map<String, Range> numbers = new HashMap<>();
  private List<Box> boxes;
  private long eventTimeAheadMaxMs;

  private Ranges() {}

  @SuppressWarnings("unchecked")
  static Ranges load() {
    Map<String, Object> rules = Rules.read("ranges.json");
    Ranges ranges = new Ranges();
    ((Map<String, Map<String, Object>>) rules.get("numbers"))
        .forEach((field, rule) -> ranges.numbers.put(field, range(rule)));
    ranges.boxes =
        ((List<Map<String, Object>>) rules.get("boxes")).stream().map(Ranges::box).toList();
    ranges.eventTimeAheadMaxMs = ((Double) rules.get("event_time_ahead_max_ms")).longValue();
    return ranges;
  }

  private static Range range(Map<String, Object> rule) {
    return new Range(
        (Double) rule.getOrDefault("min", Double.NEGATIVE_INFINITY),
        (Double) rule.getOrDefault("max", Double.POSITIVE_INFINITY),
        (Boolean) rule.getOrDefault("integer", false));
  }

  private static Box box(Map<String, Object> rule) {
    return new Box(
        (Double) rule.get("south"),
        (Double) rule.get("north"),
        (Double) rule.get("west"),
        (Double) rule.get("east"));
  }

  /** The range of a number field; null for a field that is text. */
  Range of(String field) {
    return numbers.get(field);
  }

  boolean isInUnitedStates(double lat, double lng) {
    for (Box box : boxes) {
      if (box.holds(lat, lng)) return true;
    }
    return false;
  }

  long eventTimeAheadMaxMs() {
    return eventTimeAheadMaxMs;
  }
}
