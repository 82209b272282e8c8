package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.OperatorMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingOperatorMetricGroup;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecodeFunctionTest {

  private static final long LATENESS_MS = 30_000;

  private final DecodeFunction decode = new DecodeFunction(LATENESS_MS);
  private final List<String> metricGroups = new ArrayList<>();

  /** Keeps the metrics of its groups with its own. */
  private final InterceptingOperatorMetricGroup metrics =
      new InterceptingOperatorMetricGroup() {
        @Override
        public MetricGroup addGroup(String name) {
          metricGroups.add(name);
          return this;
        }
      };

  @BeforeEach
  void open() throws Exception {
    decode.setRuntimeContext(
        new MockStreamingRuntimeContext(1, 0) {
          @Override
          public OperatorMetricGroup getMetricGroup() {
            return metrics;
          }
        });
    decode.open(DefaultOpenContext.INSTANCE);
  }

  @Test
  void aValidEventBecomesAnAccidentWithItsTimesInUtcToo() {
    Reading reading = read(event -> {});
    assertThat(reading.rejection).isNull();
    assertThat(reading.feed).isEqualTo("live-1");
    assertThat(reading.seq).isEqualTo(1);
    assertThat(reading.eventTime).isEqualTo(RawEvents.ARRIVED_AT - 500);
    Accident accident = reading.accident;
    assertThat(accident.accidentId).isEqualTo("A-1");
    assertThat(accident.severity).isEqualTo(3);
    assertThat(accident.startTime).isEqualTo("2016-02-08T05:46:00");
    assertThat(accident.startTimeUtc).isEqualTo("2016-02-08T10:46:00Z");
    assertThat(accident.timezone).isEqualTo("America/New_York");
    assertThat(accident.lat).isEqualTo(39.865147);
    assertThat(accident.features).containsExactly("junction");
    assertThat(accident.rowEmittedAt).isEqualTo(RawEvents.ARRIVED_AT - 20);
  }

  @ParameterizedTest
  @CsvSource({
    "2016-02-08 05:46:00,           2016-02-08T05:46:00",
    "2016-02-08 05:46:00.000000000, 2016-02-08T05:46:00",
    "2016-02-08 05:46:00.000000,    2016-02-08T05:46:00",
    "2016-02-08 05:46:42.516,       2016-02-08T05:46:42.516",
    "2016-02-08T05:46:00,           2016-02-08T05:46:00",
  })
  void eachFormOfTimeIsRead(String text, String iso) {
    assertThat(read(event -> event.put("start_time", text)).accident.startTime).isEqualTo(iso);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2/8/2016 5:46",
        "2016-02-08",
        "2016-02-30 05:46:00",
        "2016-02-08 25:46:00",
        "2016-02-08 05:46:00 EST",
        "2016-02-08_05:46:00",
        "",
      })
  void whatIsNoTimeIsRejected(String text) {
    assertThat(reasons(event -> event.put("start_time", text)))
        .containsExactly("start_time is not a time");
  }

  @ParameterizedTest
  @CsvSource({
    // Arizona has no daylight saving time, whatever the dataset says.
    "AZ, US/Mountain, 2021-07-01 12:00:00, America/Phoenix,     2021-07-01T19:00:00Z",
    "CO, US/Mountain, 2021-07-01 12:00:00, America/Denver,      2021-07-01T18:00:00Z",
    // Part of Louisiana took the zone of an airport in California.
    "LA, US/Pacific,  2021-07-01 12:00:00, America/Chicago,     2021-07-01T17:00:00Z",
    "LA, US/Central,  2021-07-01 12:00:00, America/Chicago,     2021-07-01T17:00:00Z",
    "CA, US/Pacific,  2021-07-01 12:00:00, America/Los_Angeles, 2021-07-01T19:00:00Z",
    "CA, US/Pacific,  2021-12-01 12:00:00, America/Los_Angeles, 2021-12-01T20:00:00Z",
    // An hour that comes twice is taken as its first time; one that is skipped moves on.
    "OH, US/Eastern,  2021-11-07 01:30:00, America/New_York,    2021-11-07T05:30:00Z",
    "OH, US/Eastern,  2021-03-14 02:30:00, America/New_York,    2021-03-14T07:30:00Z",
    "OH, America/New_York, 2021-12-01 12:00:00, America/New_York, 2021-12-01T17:00:00Z",
  })
  void localTimesAreTakenInTheZoneOfThePlace(
      String state, String timezone, String start, String zone, String utc) {
    Reading reading =
        read(
            event -> {
              event.put("state", state).put("timezone", timezone).put("start_time", start);
              event.remove("end_time");
            });
    assertThat(reading.accident.timezone).isEqualTo(zone);
    assertThat(reading.accident.startTimeUtc).isEqualTo(utc);
  }

  @Test
  void withoutAZoneThereIsNoUtcTime() {
    Reading reading = read(event -> event.remove("timezone"));
    assertThat(reading.accident.timezone).isNull();
    assertThat(reading.accident.startTimeUtc).isNull();
  }

  @Test
  void anAccidentThatEndsInTheHourThatComesTwiceIsValid() {
    assertThat(
            read(event ->
                    event
                        .put("start_time", "2021-11-07 01:45:00")
                        .put("end_time", "2021-11-07 01:15:00"))
                .rejection)
        .isNull();
  }

  @Test
  void allReasonsAreGivenAtOnce() {
    assertThat(
            reasons(
                event -> {
                  event.put("severity", 5).put("start_lat", "abc").put("state", "Ohio");
                  event.put("end_time", "2016-02-08 05:00:00").put("wind_chill_f", "cold");
                  event.remove("id");
                }))
        .containsExactlyInAnyOrder(
            "severity is not between 1 and 4",
            "start_lat is not a number",
            "wind_chill_f is not a number",
            "id is missing",
            "state is not two capital letters",
            "end_time is not after start_time");
  }

  @ParameterizedTest
  @CsvSource({
    "39.9, -84.1, true",
    "61.2, -149.9, true",
    "52.9, 173.0, true",
    "21.3, -157.8, true",
    "18.4, -66.1, true",
    "0, 0, false",
    "39.9, 84.1, false",
    "91, -84.1, false",
    "48.9, 2.3, false",
  })
  void placesAreInTheUnitedStates(double lat, double lng, boolean valid) {
    Reading reading = read(event -> event.put("start_lat", lat).put("start_lng", lng));
    if (valid) {
      assertThat(reading.rejection).isNull();
    } else {
      assertThat(reading.rejection.reasons).containsExactly("start is not in the United States");
    }
  }

  @ParameterizedTest
  @CsvSource({"2.5, severity is not a whole number", "0, severity is not between 1 and 4"})
  void severityIsAWholeNumberFrom1To4(double severity, String reason) {
    assertThat(reasons(event -> event.put("severity", severity))).containsExactly(reason);
  }

  @ParameterizedTest
  @CsvSource({"30000, false", "30001, true"})
  void anEventIsLateWhenItArrivedMoreThanBAfterItsTime(long after, boolean late) {
    assertThat(read(event -> event.put("event_time", RawEvents.ARRIVED_AT - after)).late)
        .isEqualTo(late);
  }

  @Test
  void anEventFromTheFutureIsRejectedForItsWindowWouldNotClose() {
    assertThat(reasons(event -> event.put("event_time", RawEvents.ARRIVED_AT + 3_600_000)))
        .containsExactly("event_time is in the future");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "null",
        "[]",
        "12",
        "{\"feed\":",
        "not json",
        "{}",
        "{\"feed\":\"live-1\"}"
      })
  void whatIsNotOursIsRejectedUnderTheFeedUnknown(String text) {
    Reading reading = decode.map(RawEvents.record(text.getBytes(StandardCharsets.UTF_8)));
    assertThat(reading.feed).isEqualTo("unknown");
    assertThat(reading.seq).isZero();
    assertThat(reading.eventTime).isEqualTo(RawEvents.ARRIVED_AT);
    assertThat(reading.rejection.reasons).isNotEmpty();
  }

  @Test
  void eachRowWithAConditionThatNoRuleTakesIsCountedTheSameRowAgainToo() {
    for (int i = 0; i < 2; i++) read(event -> event.put("weather_condition", "Pouring Frogs"));
    read(event -> event.put("weather_condition", "Fair"));
    read(event -> event.remove("weather_condition"));
    Counter unknown = (Counter) metrics.get("unknownWeatherConditions");
    assertThat(unknown.getCount()).isEqualTo(2);
    assertThat(metricGroups)
        .as("the group whose metrics Managed Flink hands on to CloudWatch")
        .containsExactly("kinesisanalytics");
  }

  @Test
  void aRejectionCarriesWhereTheRecordIsAndWhatItHolds() {
    byte[] data = new byte[100_000];
    Rejection rejection = decode.map(RawEvents.record(data)).rejection;
    assertThat(rejection.shardId).isEqualTo("shardId-000000000001");
    assertThat(rejection.sequenceNumber).isEqualTo("4957");
    assertThat(rejection.head).hasSize(64 * 1024);
    assertThat(rejection.length).isEqualTo(100_000);
    assertThat(rejection.sha256)
        .isEqualTo("9192c25b734fcbadbe32dadc28089c60db0e39f90cc20ce2e5733f57261acc0c");
  }

  @Test
  void bytesThatAreNotUtf8AreRejected() {
    byte[] data = RawEvents.valid().toString().getBytes(StandardCharsets.UTF_8);
    data[data.length - 5] = (byte) 0xff;
    assertThat(decode.map(RawEvents.record(data)).rejection.reasons)
        .contains("the record is not JSON");
  }

  @Test
  void halfACharacterIsRejectedForItCouldNotBeWritten() {
    assertThat(readHalves("description", "a <high>").rejection.reasons)
        .containsExactly("description is not text");
    assertThat(readHalves("city", "<low><high>").rejection.reasons)
        .containsExactly("city is not text");
    assertThat(readHalves("feed", "<high>b").feed).isEqualTo("unknown");
    Reading whole = readHalves("description", "<high><low> on I-80");
    assertThat(whole.rejection).isNull();
    assertThat(whole.accident.description)
        .isEqualTo(new String(Character.toChars(0x1f697)) + " on I-80");
    byte[] features =
        withHalves(RawEvents.valid().set("features", RawEvents.valid().arrayNode().add("<low>")));
    assertThat(decode.map(RawEvents.record(features)).rejection.reasons)
        .containsExactly("features is not a list of texts");
  }

  private Reading readHalves(String field, String text) {
    return decode.map(RawEvents.record(withHalves(RawEvents.valid().put(field, text))));
  }

  /** As JSON escapes them, for they have no bytes of their own. */
  private static byte[] withHalves(ObjectNode event) {
    String json = event.toString().replace("<high>", "\\ud83d").replace("<low>", "\\ude97");
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private Reading read(Consumer<ObjectNode> change) {
    return decode.map(RawEvents.record(change));
  }

  private String[] reasons(Consumer<ObjectNode> change) {
    return read(change).rejection.reasons;
  }
}
