package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a consumer of stream 2 keeps: events by id, of the tallies the greatest. Each event is
 * checked as it comes: its schema, the laws of a tally, and that it says what it said before.
 */
final class Received {

  private final Map<String, Set<String>> idsByType = new HashMap<>();

  /** Of each accident by its event's id, the dataset's id of the row that won. */
  private final Map<String, String> winners = new HashMap<>();

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
      case "accident", "accident_late" -> addWinner(id, event.at("/payload/accident_id").asText());
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

  private void addWinner(String id, String winner) {
    String before = winners.put(id, winner);
    if (before != null) {
      assertThat(winner)
          .as("the same row wins however often its accident comes: %s", id)
          .isEqualTo(before);
    }
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
    return awaited(feed, name).isEmpty();
  }

  /** What is still to come of what the feed has put so far, in words for who waits too long. */
  String awaited(SampleFeed feed, String name) {
    if (in(name) != feed.in() || windowed() != feed.onTime) {
      return "%d of %d in windows, tally %s".formatted(windowed(), feed.onTime, tally(name));
    }
    return String.join(", ", missing(feed));
  }

  private List<String> missing(SampleFeed feed) {
    return Ranking.ALL.stream().flatMap(one -> one.missing(this, feed).stream()).toList();
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
    assertWinners(feed.winners);
    for (Ranking ranking : Ranking.ALL) ranking.assertHolds(this, feed);
  }

  /** Of thousands, a failure tells only those that are wrong. */
  private void assertWinners(Map<String, String> expected) {
    Map<String, String> wrong = new HashMap<>(winners);
    wrong.entrySet().removeAll(expected.entrySet());
    assertThat(wrong).as("accidents of which another row should have won").isEmpty();
    assertThat(winners.size()).as("accidents").isEqualTo(expected.size());
  }

  private static long in(JsonNode tally) {
    return count(tally.at("/payload/counts"), "in");
  }

  private static long count(JsonNode counts, String name) {
    return counts.get(name).asLong();
  }
}
