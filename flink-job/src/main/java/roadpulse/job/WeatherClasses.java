package roadpulse.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The class of a free-text weather condition: {@code lib/rules/weather.json}. */
final class WeatherClasses {

  static final String UNKNOWN = "unknown";

  private static final Pattern NO_LETTERS = Pattern.compile("[^a-z]+");

  /** A class, and what begins a word of its conditions, with a space before it. */
  private record Rule(String name, List<String> wordStarts) {}

  private final List<Rule> rules = new ArrayList<>();
  private final BoundedCache<Optional<String>> known = new BoundedCache<>(this::find);

  private WeatherClasses() {}

  @SuppressWarnings("unchecked")
  static WeatherClasses load() {
    WeatherClasses classes = new WeatherClasses();
    for (Map<String, Object> rule :
        (List<Map<String, Object>>) Rules.read("weather.json").get("classes")) {
      List<String> words = (List<String>) rule.get("words");
      classes.rules.add(
          new Rule((String) rule.get("class"), words.stream().map(word -> ' ' + word).toList()));
    }
    return classes;
  }

  /** Empty for a condition that no rule takes. */
  Optional<String> of(String condition) {
    return known.get(condition);
  }

  private Optional<String> find(String condition) {
    String words = ' ' + NO_LETTERS.matcher(condition.toLowerCase(Locale.ROOT)).replaceAll(" ");
    return rules.stream()
        .filter(rule -> rule.wordStarts.stream().anyMatch(words::contains))
        .map(Rule::name)
        .findFirst();
  }
}
