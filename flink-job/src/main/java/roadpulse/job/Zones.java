package roadpulse.job;

import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The zone in which an accident's times are written: {@code lib/rules/zones.json}. */
final class Zones {

  private static final Set<String> IANA = ZoneId.getAvailableZoneIds();

  private final Map<String, ZoneId> aliases = new HashMap<>();
  private final Map<String, ZoneId> corrections = new HashMap<>();

  private Zones() {}

  @SuppressWarnings("unchecked")
  static Zones load() {
    Map<String, Object> rules = Rules.read("zones.json");
    Zones zones = new Zones();
    ((Map<String, String>) rules.get("aliases"))
        .forEach((alias, zone) -> zones.aliases.put(alias, ZoneId.of(zone)));
    for (Map<String, String> rule : (List<Map<String, String>>) rules.get("corrections")) {
      zones.corrections.put(
          key(rule.get("state"), rule.get("timezone")), ZoneId.of(rule.get("zone")));
    }
    return zones;
  }

  /** Empty when the name is no zone's. */
  Optional<ZoneId> of(String state, String timezone) {
    ZoneId corrected = corrections.get(key(state, timezone));
    if (corrected != null) return Optional.of(corrected);
    ZoneId known = aliases.get(timezone);
    if (known != null) return Optional.of(known);
    return IANA.contains(timezone) ? Optional.of(ZoneId.of(timezone)) : Optional.empty();
  }

  private static String key(String state, String timezone) {
    return state + ' ' + timezone;
  }
}
