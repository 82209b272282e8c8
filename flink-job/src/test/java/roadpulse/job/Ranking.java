package roadpulse.job;

import static java.util.Comparator.comparing;
import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a list of the first places must be in each of its windows, by the accidents of a feed one by
 * one.
 *
 * @param level which of the lists of that type, as the payload names it; empty for the only one
 * @param window how long a window is; one ends each minute
 */
record Ranking(
    String type,
    String level,
    Duration window,
    Function<SampleFeed.OnTime, String> place,
    Comparator<Place> order,
    int most) {

  private static final Comparator<Place> BY_COUNT =
      comparing(Place::count, reverseOrder())
          .thenComparing(Place::weight, reverseOrder())
          .thenComparing(Place::name);

  private static final Comparator<Place> BY_WEIGHT =
      comparing(Place::weight, reverseOrder())
          .thenComparing(Place::count, reverseOrder())
          .thenComparing(Place::name);

  static final List<Ranking> ALL =
      List.of(
          new Ranking(
              "hotspot", "", Duration.ofMinutes(10), SampleFeed.OnTime::cell, BY_WEIGHT, 20),
          new Ranking(
              "top_cities",
              "city",
              Duration.ofHours(1),
              one -> one.state() + ' ' + one.city(),
              BY_COUNT,
              10),
          new Ranking(
              "top_cities",
              "county",
              Duration.ofHours(1),
              one -> one.state() + ' ' + one.county(),
              BY_COUNT,
              10));

  /** A place of a window, with what happened there. */
  private record Place(String name, long count, long weight) {
    static Place of(String name, List<SampleFeed.OnTime> accidents) {
      return new Place(
          name, accidents.size(), accidents.stream().mapToLong(SampleFeed.OnTime::severity).sum());
    }
  }

  /**
   * The windows of which not each rank has come, up to the one that ends with the last minute that
   * has an accident.
   */
  List<String> missing(Received received, SampleFeed feed) {
    Map<Long, SortedMap<Integer, Place>> windows = windows(received);
    List<String> missing = new ArrayList<>();
    for (long end : feed.minuteEnds()) {
      int ranks = windows.getOrDefault(end, new TreeMap<>()).size();
      int all = expected(feed, end).size();
      if (ranks < all) missing.add("%d of %d ranks of %s".formatted(ranks, all, window(end)));
    }
    return missing;
  }

  /**
   * Each window is what it must be, and none is missing. Of those that end after the last minute
   * that has an accident, some ranks may be still to come.
   */
  void assertHolds(Received received, SampleFeed feed) {
    Map<Long, SortedMap<Integer, Place>> windows = windows(received);
    SortedSet<Long> settled = feed.minuteEnds();
    SortedSet<Long> ends = new TreeSet<>(settled);
    ends.addAll(windows.keySet());
    for (long end : ends) {
      SortedMap<Integer, Place> ranks = windows.getOrDefault(end, new TreeMap<>());
      SortedMap<Integer, Place> expected = expected(feed, end);
      if (end > settled.last()) expected.keySet().retainAll(ranks.keySet());
      assertThat(ranks).as(window(end)).isEqualTo(expected);
    }
  }

  private String window(long end) {
    return "%s %s until %d".formatted(type, level, end);
  }

  /** By rank. */
  private SortedMap<Integer, Place> expected(SampleFeed feed, long end) {
    List<Place> places =
        feed.accidents.stream()
            .filter(one -> one.eventTime() < end && one.eventTime() >= end - window.toMillis())
            .collect(Collectors.groupingBy(place))
            .entrySet()
            .stream()
            .map(group -> Place.of(group.getKey(), group.getValue()))
            .sorted(order)
            .limit(most)
            .toList();
    SortedMap<Integer, Place> ranks = new TreeMap<>();
    for (Place one : places) ranks.put(ranks.size() + 1, one);
    return ranks;
  }

  /** What has come, by the end of the window and the rank. */
  private Map<Long, SortedMap<Integer, Place>> windows(Received received) {
    Map<Long, SortedMap<Integer, Place>> windows = new TreeMap<>();
    for (JsonNode event : received.windowsOf(type)) {
      JsonNode payload = event.get("payload");
      if (!payload.path("level").asText().equals(level)) continue;
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
