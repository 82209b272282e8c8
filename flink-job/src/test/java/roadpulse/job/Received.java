package roadpulse.job;

import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a consumer of stream 2 keeps: events by id, of the tallies the greatest. Each event is
 * checked as it comes: its schema, and the laws of a tally.
 */
final class Received {

  private static final Ranking TOP_CITIES =
      new Ranking(
          "top_cities",
          Duration.ofHours(1),
          one -> one.state() + ' ' + one.city(),
          comparing(Place::count, reverseOrder())
              .thenComparing(Place::weight, reverseOrder())
              .thenComparing(Place::name),
          10);

  private static final Ranking HOTSPOTS =
      new Ranking(
          "hotspot",
          Duration.ofMinutes(10),
          SampleFeed.OnTime::cell,
          comparing(Place::weight, reverseOrder())
              .thenComparing(Place::count, reverseOrder())
              .thenComparing(Place::name),
          20);

  private final Map<String, Set<String>> idsByType = new HashMap<>();
  private final Map<String, JsonNode> minutes = new HashMap<>();

  /** What was told of windows, minutes among it, by id. */
  private final Map<String, JsonNode> windows = new HashMap<>();

  private final Map<String, JsonNode> tallies = new HashMap<>();

  void add(byte[] json) throws IOException {
    JsonNode event = EventSchemas.parse(json);
    String id = event.get("id").asText();
    String type = event.get("type").asText();
    idsByType.computeIfAbsent(type, any -> new HashSet<>()).add(id);
    switch (type) {
      case "tally" -> addTally(event);
      case "state_severity_minute" -> {
        addWindow(id, event);
        minutes.put(id, event);
      }
      case "hotspot", "top_cities", "surge" -> addWindow(id, event);
      default -> {
        // Its id is all that counts.
      }
    }
  }

  private void addTally(JsonNode event) {
    JsonNode counts = event.at("/payload/counts");
    assertThat(count(counts, "in"))
        .isEqualTo(count(counts, "resent") + count(counts, "rejected") + count(counts, "valid"));
    assertThat(count(counts, "valid"))
        .isEqualTo(count(counts, "unique") + count(counts, "repeated"));
    assertThat(count(counts, "unique")).isEqualTo(count(counts, "on_time") + count(counts, "late"));
    tallies.merge(
        event.get("feed").asText(), event, (kept, other) -> in(other) >= in(kept) ? other : kept);
  }

  private void addWindow(String id, JsonNode event) {
    JsonNode before = windows.put(id, event);
    if (before != null) {
      assertThat(withoutEmission(event))
          .as("a window has the same content however often it comes: %s", id)
          .isEqualTo(withoutEmission(before));
    }
  }

  private static JsonNode withoutEmission(JsonNode event) {
    return event.<ObjectNode>deepCopy().without("emitted_at");
  }

  /** The events of a type that is told of windows, in no order. */
  List<JsonNode> windowsOf(String type) {
    return windows.values().stream()
        .filter(event -> event.get("type").asText().equals(type))
        .toList();
  }

  int distinct(String type) {
    return idsByType.getOrDefault(type, Set.of()).size();
  }

  /** Null before the first. */
  JsonNode tally(String feed) {
    return tallies.get(feed);
  }

  long in(String feed) {
    return tallies.containsKey(feed) ? in(tallies.get(feed)) : 0;
  }

  long windowed() {
    return minutes.values().stream()
        .mapToLong(minute -> minute.at("/payload/count").asLong())
        .sum();
  }

  /** Counts by "state severity minute", as {@link SampleFeed} has them. */
  Map<String, Long> minutes() {
    Map<String, Long> counts = new TreeMap<>();
    for (JsonNode minute : minutes.values()) {
      JsonNode payload = minute.get("payload");
      counts.put(
          "%s %d %d"
              .formatted(
                  payload.get("state").asText(),
                  payload.get("severity").asInt(),
                  minute.get("window_start").asLong() / 60_000),
          payload.get("count").asLong());
    }
    return counts;
  }

  /** Whether nothing is to come any more of what the feed has put so far. */
  boolean isSettled(SampleFeed feed, String name) {
    return in(name) == feed.in()
        && windowed() == feed.onTime
        && HOTSPOTS.isWhole(this, feed, feed.lastMinuteEnd())
        && TOP_CITIES.isWhole(this, feed, feed.lastMinuteEnd());
  }

  /** Everything that the feed must have become, exactly. */
  void assertHolds(SampleFeed feed, String name) {
    JsonNode counts = tally(name).at("/payload/counts");
    assertThat(count(counts, "in")).isEqualTo(feed.in());
    assertThat(count(counts, "resent")).isEqualTo(feed.resent);
    assertThat(count(counts, "rejected")).isEqualTo(feed.rejected);
    assertThat(count(counts, "repeated")).isEqualTo(feed.repeated);
    assertThat(count(counts, "on_time")).isEqualTo(feed.onTime);
    assertThat(count(counts, "late")).isEqualTo(feed.late);
    assertThat(distinct("accident")).isEqualTo((int) feed.onTime);
    assertThat(distinct("accident_late")).isEqualTo((int) feed.late);
    assertThat(distinct("rejected")).isEqualTo((int) feed.rejected);
    assertThat(minutes()).isEqualTo(feed.minutes);
    TOP_CITIES.assertHolds(this, feed);
    HOTSPOTS.assertHolds(this, feed);
  }

  /** What a list must be: the first places of each window, in its order. */
  private record Ranking(
      String type,
      Duration window,
      Function<SampleFeed.OnTime, String> place,
      Comparator<Place> order,
      int most) {

    void assertHolds(Received received, SampleFeed feed) {
      received(received)
          .forEach(
              (end, places) ->
                  assertThat(List.copyOf(places.values()))
                      .as("%s until %d", type, end)
                      .isEqualTo(expected(feed, end)));
    }

    /** Whether each rank of the window that ends then has come. */
    boolean isWhole(Received received, SampleFeed feed, long end) {
      return received(received).getOrDefault(end, Map.of()).size() == expected(feed, end).size();
    }

    private List<Place> expected(SampleFeed feed, long end) {
      return feed.accidents.stream()
          .filter(one -> one.eventTime() < end && one.eventTime() >= end - window.toMillis())
          .collect(Collectors.groupingBy(place))
          .entrySet()
          .stream()
          .map(group -> Place.of(group.getKey(), group.getValue()))
          .sorted(order)
          .limit(most)
          .toList();
    }

    /** By the end of the window and the rank. */
    private Map<Long, Map<Integer, Place>> received(Received received) {
      Map<Long, Map<Integer, Place>> windows = new TreeMap<>();
      for (JsonNode event : received.windowsOf(type)) {
        JsonNode payload = event.get("payload");
        // Each accident of the sample has the same county.
        if (payload.path("level").asText().equals("county")) continue;
        String name =
            payload.has("cell")
                ? payload.get("cell").asText()
                : payload.get("state").asText() + ' ' + payload.get("name").asText();
        windows
            .computeIfAbsent(event.get("window_end").asLong(), any -> new TreeMap<>())
            .put(
                payload.get("rank").asInt(),
                new Place(name, payload.get("count").asLong(), payload.get("weight").asLong()));
      }
      return windows;
    }
  }

  /** A place of a window, with what happened there. */
  private record Place(String name, long count, long weight) {
    static Place of(String name, List<SampleFeed.OnTime> accidents) {
      return new Place(
          name, accidents.size(), accidents.stream().mapToLong(SampleFeed.OnTime::severity).sum());
    }
  }

  private static long in(JsonNode tally) {
    return count(tally.at("/payload/counts"), "in");
  }

  private static long count(JsonNode counts, String name) {
    return counts.get(name).asLong();
  }
}
