package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from an accident by the rules of {@code lib/rules}. */
class EnrichmentTest {

  private static final Path REAL_ROWS = Path.of("../../shared/data");

  private final List<String> unknownConditions = new ArrayList<>();
  private final Enrichment enrichment = new Enrichment(unknownConditions::add);

  @ParameterizedTest
  @CsvSource({
    "Clear, clear",
    "Fair, clear",
    "Fair / Windy, windy",
    "Scattered Clouds, cloudy",
    "Light Rain / Windy, rain",
    "Light Rain with Thunder, thunderstorm",
    "Heavy T-Storm, thunderstorm",
    "Showers in the Vicinity, rain",
    "N/A Precipitation, rain",
    "Light Freezing Drizzle, ice",
    "Wintry Mix / Windy, ice",
    "Snow and Sleet / Windy, ice",
    "Heavy Snow, snow",
    "Drizzle and Fog, rain",
    "Patches of Fog, fog",
    "Mist, fog",
    "Blowing Dust / Windy, haze",
    "Sand / Dust Whirls Nearby, haze",
    "Squalls, windy",
    "Unknown, unknown",
    ", unknown",
  })
  void aConditionHasItsClass(String condition, String weatherClass) {
    assertThat(enrich(event -> event.weatherCondition = condition).weatherClass)
        .isEqualTo(weatherClass);
    assertThat(unknownConditions).isEmpty();
  }

  @Test
  void aConditionThatNoRuleTakesIsToldEachTime() {
    enrich(event -> event.weatherCondition = "Pouring Frogs");
    assertThat(enrich(event -> event.weatherCondition = "Pouring Frogs").weatherClass)
        .isEqualTo("unknown");
    assertThat(unknownConditions).containsExactly("Pouring Frogs", "Pouring Frogs");
  }

  @ParameterizedTest
  @CsvSource({
    "I-70 E, interstate",
    "I-35E N, interstate",
    "N Interstate 35, interstate",
    "I-10 Frontage Rd, local",
    "US-101 S, us_route",
    "US Highway 1, us_route",
    "N US Highway 1, us_route",
    "US 30 E, us_route",
    "Old US Highway 40, local",
    "CA-99, state_route",
    "AZ-101 Loop E, state_route",
    "State Route 60, state_route",
    "W State Road 46, state_route",
    "FM 1960, state_route",
    "SR-167, state_route",
    "M-59 W, state_route",
    "Highway 17, state_route",
    "Route 30, state_route",
    "County Road 42, county_road",
    "NW County Road 225, county_road",
    "CR-12A, county_road",
    "Lake County Hwy, local",
    "' Main St', local",
    "Avenue 12, local",
    "US Steel Ave, local",
    "Via Del Rio, local",
    "Golden State Fwy S, local",
    "'  ', unknown",
    ", unknown",
  })
  void aStreetHasItsClass(String street, String roadClass) {
    assertThat(enrich(event -> event.street = street).roadClass).isEqualTo(roadClass);
  }

  @ParameterizedTest
  @CsvSource({
    "2016-02-08 05:59:59, 1, false",
    "2016-02-08 06:00:00, 1, true",
    "2016-02-08 08:59:59, 1, true",
    "2016-02-08 09:00:00, 1, false",
    "2016-02-12 16:00:00, 5, true",
    "2016-02-12 19:00:00, 5, false",
    "2016-02-13 08:00:00, 6, false",
    "2016-02-14 17:00:00, 7, false",
  })
  void rushHoursAreThoseOfTheLocalClock(String start, int weekday, boolean rushHour) {
    Accident accident = enrich(event -> event.startTime = start);
    assertThat(accident.weekday).isEqualTo(weekday);
    assertThat(accident.rushHour).isEqualTo(rushHour);
  }

  /** The clocks of New York went forward at 2:00 on 14 March 2021, and back on 7 November. */
  @ParameterizedTest
  @CsvSource({
    "2021-06-01T12:00:00, 2021-06-01T12:29:30, 29.5",
    "2021-03-14T01:30:00, 2021-03-14T03:30:00, 60",
    "2021-11-07T00:30:00, 2021-11-07T03:30:00, 240",
    "2021-11-07T01:30:00, 2021-11-07T01:15:00, 45",
    "2021-03-14T02:30:00, 2021-03-14T04:30:00, 60",
  })
  void aDurationCountsTheHoursThatClocksLeaveOutOrRepeat(
      LocalDateTime start, LocalDateTime end, double minutes) {
    AccidentTimes times = new AccidentTimes(start, end, ZoneId.of("America/New_York"));
    assertThat(enrichment.accidentOf(rawEvent(), times).durationMinutes).isEqualTo(minutes);
  }

  @Test
  void theCellHoldsThePlace() {
    // The example of H3's own documentation, 8928308280fffff, at this resolution.
    Accident accident =
        enrich(
            event -> {
              event.startLat = 37.775938728915946;
              event.startLng = -122.41795063018799;
            });
    assertThat(accident.cell).isEqualTo("86283082fffffff");
  }

  @Test
  void everyConditionAndStreetOfTheRealRowsHasAClass() throws IOException {
    assumeTrue(Files.isDirectory(REAL_ROWS), "the real rows are not on this machine");
    TreeSet<String> conditions = new TreeSet<>();
    Map<String, Integer> roads = new HashMap<>();
    try (Stream<Path> files = Files.list(REAL_ROWS)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".csv")).toList()) {
        List<String> lines = Files.readAllLines(file);
        List<String> header = List.of(lines.get(0).replace("\uFEFF", "").split(",", -1));
        int condition = header.indexOf("Weather_Condition");
        int street = header.indexOf("Street");
        for (String line : lines.subList(1, lines.size())) {
          // The publisher of the dataset has stripped commas out of the fields.
          String[] fields = line.split(",", -1);
          Accident accident =
              enrich(
                  event -> {
                    event.weatherCondition = fields[condition];
                    event.street = fields[street];
                  });
          if (!fields[condition].isEmpty() && accident.weatherClass.equals("unknown")) {
            conditions.add(fields[condition]);
          }
          roads.merge(accident.roadClass, 1, Integer::sum);
          if (!fields[street].isBlank()) assertThat(accident.roadClass).isNotEqualTo("unknown");
        }
      }
    }
    assertThat(conditions).as("conditions without a class").isEmpty();
    int all = roads.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(roads.get("interstate") * 100 / all).as("%% interstates").isBetween(20, 30);
    assertThat(roads.get("us_route") * 100 / all).as("%% US routes").isBetween(2, 6);
    assertThat(roads.get("state_route") * 100 / all).as("%% state routes").isBetween(6, 15);
  }

  private interface Change {
    void on(RawEvent event);
  }

  private Accident enrich(Change change) {
    RawEvent event = rawEvent();
    change.on(event);
    List<String> reasons = new ArrayList<>();
    Accident accident =
        enrichment.accidentOf(event, AccidentTimes.read(event, Zones.load(), reasons));
    assertThat(reasons).isEmpty();
    return accident;
  }

  private static RawEvent rawEvent() {
    RawEvent event = new RawEvent();
    event.id = "A-1";
    event.severity = 2.0;
    event.startTime = "2016-02-08 05:46:00";
    event.startLat = 39.865147;
    event.startLng = -84.058723;
    event.state = "OH";
    event.emittedAt = 1L;
    return event;
  }
}
