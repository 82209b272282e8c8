package roadpulse.job;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Every row of every view, against windows that are filled and sorted here one by one: two feeds
 * over two hours, more places than a list takes, small counts so that there are ties.
 */
class AggregateViewsTest {

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final long START = 1_800_000_000_000L;
  private static final int ACCIDENTS = 1_500;

  private static final List<Reading> READINGS = readings(new Random(5));
  private static final List<String> ROWS = new ArrayList<>();

  /** One run for all views, as the job runs them. */
  @BeforeAll
  static void run() throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(AccidentsJob.jobConfiguration());
    env.setParallelism(2);
    DataStream<Reading> accidents =
        env.fromData(TypeInformation.of(Reading.class), READINGS.toArray(Reading[]::new))
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Reading>forMonotonousTimestamps()
                    .withTimestampAssigner((reading, none) -> reading.eventTime));
    StreamTableEnvironment tables = StreamTableEnvironment.create(env);
    AccidentsTable.create(tables, accidents);
    for (String view : Aggregates.VIEWS) SqlView.create(tables, view);
    try (CloseableIterator<Row> rows = tables.from("aggregates").execute().collect()) {
      rows.forEachRemaining(row -> ROWS.add(describe(row)));
    }
  }

  @Test
  void aMinuteHasItsCountOfEachStateAndSeverity() {
    assertThat(rowsOf("state_severity_minute"))
        .containsExactlyInAnyOrderElementsOf(
            windows(1)
                .flatMap(
                    window ->
                        groups(window, one -> one.accident.state + '|' + one.accident.severity)
                            .map(
                                group ->
                                    window.row(
                                        "state_severity_minute",
                                        null,
                                        null,
                                        group.first().accident.state,
                                        group.first().accident.severity,
                                        null,
                                        group.count(),
                                        null)))
                .toList());
  }

  @Test
  void tenMinutesHaveTheirTwentyGravestCellsInOrderTiesToo() {
    List<String> expected = windows(10).flatMap(AggregateViewsTest::topCells).toList();
    assertThat(expected).anyMatch(row -> row.contains("rank 20"));
    assertThat(rowsOf("hotspots")).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static Stream<String> topCells(Window window) {
    List<Group> cells =
        groups(window, one -> one.accident.cell)
            .sorted(
                comparing(Group::weight, Comparator.reverseOrder())
                    .thenComparing(Group::count, Comparator.reverseOrder())
                    .thenComparing(group -> group.first().accident.cell))
            .limit(20)
            .toList();
    return LongStream.rangeClosed(1, cells.size())
        .mapToObj(
            rank -> {
              Group group = cells.get((int) rank - 1);
              String cell = group.first().accident.cell;
              return window.row(
                  "hotspots", null, cell, null, null, rank, group.count(), group.weight());
            });
  }

  @Test
  void anHourHasItsTenCitiesAndItsTenCountiesInOrderTiesToo() {
    List<String> expected =
        windows(60)
            .flatMap(
                window ->
                    Stream.concat(
                        topPlaces(window, "city", one -> one.accident.city),
                        topPlaces(window, "county", one -> one.accident.county)))
            .toList();
    assertThat(expected).anyMatch(row -> row.contains("rank 10"));
    assertThat(rowsOf("top_cities")).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static Stream<String> topPlaces(
      Window window, String level, Function<Reading, String> name) {
    List<Group> places =
        groups(
                window.where(one -> name.apply(one) != null),
                one -> one.accident.state + '|' + name.apply(one))
            .sorted(
                comparing(Group::count, Comparator.reverseOrder())
                    .thenComparing(Group::weight, Comparator.reverseOrder())
                    .thenComparing(group -> group.first().accident.state)
                    .thenComparing(group -> name.apply(group.first())))
            .limit(10)
            .toList();
    return LongStream.rangeClosed(1, places.size())
        .mapToObj(
            rank -> {
              Group group = places.get((int) rank - 1);
              return window.row(
                  "top_cities",
                  level,
                  name.apply(group.first()),
                  group.first().accident.state,
                  null,
                  rank,
                  group.count(),
                  group.weight());
            });
  }

  @Test
  void aStateAndACellHaveTheirCountsOfEachMinute() {
    assertThat(rowsOf("area_minutes"))
        .containsExactlyInAnyOrderElementsOf(
            windows(1)
                .flatMap(
                    window ->
                        Stream.concat(
                            areas(window, "state", one -> one.accident.state),
                            areas(window, "cell", one -> one.accident.cell)))
                .toList());
  }

  private static Stream<String> areas(Window window, String kind, Function<Reading, String> area) {
    return groups(window, area)
        .map(
            group ->
                window.row(
                    "area_minutes",
                    kind,
                    area.apply(group.first()),
                    group.firstState(),
                    null,
                    null,
                    group.count(),
                    null));
  }

  private record Window(String feed, long start, long end, List<Reading> readings) {
    Window where(java.util.function.Predicate<Reading> is) {
      return new Window(feed, start, end, readings.stream().filter(is).toList());
    }

    String row(
        String view,
        String kind,
        String name,
        String state,
        Integer severity,
        Long rank,
        long accidents,
        Long weight) {
      return "%s %s %d-%d: %s %s %s severity %s rank %s: %d, weight %s"
          .formatted(view, feed, start, end, kind, name, state, severity, rank, accidents, weight);
    }
  }

  private record Group(List<Reading> readings) {
    Reading first() {
      return readings.get(0);
    }

    String firstState() {
      return readings.stream().map(one -> one.accident.state).sorted().findFirst().orElseThrow();
    }

    long count() {
      return readings.size();
    }

    long weight() {
      return readings.stream().mapToLong(one -> one.accident.severity).sum();
    }
  }

  /** Every window of so many minutes, one every minute, that has an accident, of each feed. */
  private static Stream<Window> windows(int minutes) {
    long length = minutes * 60_000L;
    long last = READINGS.get(ACCIDENTS - 1).eventTime + length;
    return LongStream.iterate(
            START + 60_000 - length, start -> start <= last, start -> start + 60_000)
        .boxed()
        .flatMap(
            start ->
                Stream.of("live-1", "replay-7")
                    .map(
                        feed ->
                            new Window(feed, start, start + length, READINGS)
                                .where(
                                    one ->
                                        one.feed.equals(feed)
                                            && one.eventTime >= start
                                            && one.eventTime < start + length)))
        .filter(window -> !window.readings.isEmpty());
  }

  private static Stream<Group> groups(Window window, Function<Reading, String> key) {
    Collection<List<Reading>> groups =
        window.readings.stream().collect(Collectors.groupingBy(key)).values();
    return groups.stream().map(Group::new);
  }

  private static List<String> rowsOf(String view) {
    return ROWS.stream().filter(row -> row.startsWith(view + ' ')).toList();
  }

  private static String describe(Row row) {
    Window window =
        new Window(
            row.getFieldAs("feed"), epochMs(row, "window_start"), epochMs(row, "window_end"), null);
    return window.row(
        row.getFieldAs("view"),
        row.getFieldAs("kind"),
        row.getFieldAs("name"),
        row.getFieldAs("state"),
        row.getFieldAs("severity"),
        row.getFieldAs("rank"),
        row.getFieldAs("accidents"),
        row.getFieldAs("weight"));
  }

  private static long epochMs(Row row, String field) {
    return row.<LocalDateTime>getFieldAs(field).toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  /** Over two hours, in the order of their time; some without a city, some without a county. */
  private static List<Reading> readings(Random random) {
    List<Reading> readings = new ArrayList<>();
    String[] states = {"CA", "FL", "TX", "OH"};
    for (int i = 0; i < ACCIDENTS; i++) {
      Reading reading = new Reading();
      reading.feed = random.nextInt(3) == 0 ? "replay-7" : "live-1";
      reading.eventTime = START + i * 120 * 60_000L / ACCIDENTS;
      reading.accident = new Accident();
      reading.accident.state = states[random.nextInt(states.length)];
      reading.accident.severity = 1 + random.nextInt(4);
      reading.accident.cell = "862a9000" + random.nextInt(60);
      // The same name in several states.
      if (random.nextInt(10) > 0) reading.accident.city = "City " + random.nextInt(12);
      if (random.nextInt(10) > 0) reading.accident.county = "County " + random.nextInt(6);
      readings.add(reading);
    }
    return readings;
  }
}
