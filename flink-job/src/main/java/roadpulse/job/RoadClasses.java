package roadpulse.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The class of a road by the name of the street: {@code lib/rules/roads.json}. */
final class RoadClasses {

  static final String UNKNOWN = "unknown";
  private static final String OTHERWISE = "local";

  private record Rule(String name, List<Pattern> patterns) {}

  private final List<Rule> rules = new ArrayList<>();
  private final BoundedCache<String> known = new BoundedCache<>(this::find);

  private RoadClasses() {}

  @SuppressWarnings("unchecked")
  static RoadClasses load() {
    RoadClasses classes = new RoadClasses();
    for (Map<String, Object> rule :
        (List<Map<String, Object>>) Rules.read("roads.json").get("classes")) {
      List<String> patterns = (List<String>) rule.get("patterns");
      classes.rules.add(
          new Rule((String) rule.get("class"), patterns.stream().map(Pattern::compile).toList()));
    }
    return classes;
  }

  /**
   * The class of a street.
   *
   * @param street null where the source has none
   */
  String of(String street) {
    return street == null || street.isBlank() ? UNKNOWN : known.get(street);
  }

  private String find(String street) {
    String name = street.strip().toUpperCase(Locale.ROOT);
    return rules.stream()
        .filter(rule -> rule.patterns.stream().anyMatch(one -> one.matcher(name).find()))
        .map(Rule::name)
        .findFirst()
        .orElse(OTHERWISE);
  }
}
