package roadpulse.job;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What was found for the texts that came last. The texts come from the stream, so their number is
 * bounded, and so is their length: a longer one is looked up each time.
 */
final class BoundedCache<T> {

  private static final int MAX_ENTRIES = 10_000;
  private static final int MAX_LENGTH = 200;

  private final Function<String, T> find;
  private final Map<String, T> found =
      new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  BoundedCache(Function<String, T> find) {
    this.find = find;
  }

  T get(String text) {
    return text.length() > MAX_LENGTH ? find.apply(text) : found.computeIfAbsent(text, find);
  }
}
