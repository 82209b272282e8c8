package roadpulse.job;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/** When roads are fullest, by local time: {@code lib/rules/rush-hours.json}. */
final class RushHours {

  private static final int DAYS = 7;
  private static final int HOURS = 24;

  /** By weekday, Monday first, and hour. */
  private final boolean[] isRushHour = new boolean[DAYS * HOURS];

  private RushHours() {}

  @SuppressWarnings("unchecked")
  static RushHours load() {
    Map<String, Object> rules = Rules.read("rush-hours.json");
    RushHours rushHours = new RushHours();
    for (double weekday : (List<Double>) rules.get("weekdays")) {
      for (List<Double> hours : (List<List<Double>>) rules.get("hours")) {
        for (int hour = hours.get(0).intValue(); hour < hours.get(1); hour++) {
          rushHours.isRushHour[((int) weekday - 1) * HOURS + hour] = true;
        }
      }
    }
    return rushHours;
  }

  boolean contain(LocalDateTime local) {
    return isRushHour[(local.getDayOfWeek().getValue() - 1) * HOURS + local.getHour()];
  }
}
