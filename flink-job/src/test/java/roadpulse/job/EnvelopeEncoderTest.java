package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EnvelopeEncoderTest {

  private final DecodeFunction decode = new DecodeFunction(30_000);

  @BeforeEach
  void open() throws Exception {
    decode.setRuntimeContext(new MockStreamingRuntimeContext(1, 0));
    decode.open(DefaultOpenContext.INSTANCE);
  }

  @Test
  void anAccidentKeepsTheSchemaWithAllFieldsAndWithTheFewest() throws Exception {
    JsonNode full = EventSchemas.parse(EnvelopeEncoder.accident(reading(event -> {})).json);
    assertThat(full.at("/payload/accident_id").asText()).isEqualTo("A-1");
    assertThat(full.at("/payload/start_time_utc").asText()).isEqualTo("2016-02-08T10:46:00Z");
    assertThat(full.get("id").asText())
        .isEqualTo("accident|live-1|2016-02-08T05:46:00|39.8651|-84.0587");

    List<String> optional =
        List.of(
            "source",
            "end_time",
            "distance_mi",
            "description",
            "street",
            "city",
            "county",
            "zipcode",
            "timezone",
            "temperature_f",
            "visibility_mi",
            "weather_condition");
    JsonNode least =
        EventSchemas.parse(EnvelopeEncoder.accident(reading(event -> event.remove(optional))).json);
    assertThat(least.get("payload").size()).isLessThan(full.get("payload").size());
  }

  @Test
  void aLateAccidentHasAnotherTypeAndTheSameId() throws Exception {
    Reading onTime = reading(event -> {});
    Reading late = reading(event -> event.put("event_time", RawEvents.ARRIVED_AT - 60_000));
    JsonNode event = EventSchemas.parse(EnvelopeEncoder.accident(late).json);
    assertThat(event.get("type").asText()).isEqualTo("accident_late");
    assertThat(event.get("id"))
        .isEqualTo(EventSchemas.parse(EnvelopeEncoder.accident(onTime).json).get("id"));
  }

  @Test
  void aRejectedRecordIsFoundByItsShardAndSequenceNumber() throws Exception {
    Reading ours = reading(event -> event.put("severity", "bad"));
    JsonNode event = EventSchemas.parse(EnvelopeEncoder.rejected(ours).json);
    assertThat(event.get("id").asText()).isEqualTo("rejected|shardId-000000000001|4957");
    assertThat(event.at("/payload/seq").asInt()).isEqualTo(1);

    Reading unknown = decode.map(RawEvents.record(new byte[] {1, 2, 3}));
    event = EventSchemas.parse(EnvelopeEncoder.rejected(unknown).json);
    assertThat(event.get("feed").asText()).isEqualTo("unknown");
    assertThat(event.at("/payload/seq").isMissingNode()).isTrue();
    assertThat(event.at("/payload/bytes_base64").binaryValue()).containsExactly(1, 2, 3);
  }

  @Test
  void aMinuteHasItsBoundsAndAnIdThatItsContentDoesNotChange() throws Exception {
    JsonNode three =
        EventSchemas.parse(
            WindowEncoder.stateSeverityMinute("live-1", "OH", 2, 3, 60_000, 120_000).json);
    JsonNode four =
        EventSchemas.parse(
            WindowEncoder.stateSeverityMinute("live-1", "OH", 2, 4, 60_000, 120_000).json);
    assertThat(three.get("window_start").asLong()).isEqualTo(60_000);
    assertThat(three.get("window_end").asLong()).isEqualTo(120_000);
    assertThat(three.get("id")).isEqualTo(four.get("id"));
  }

  @Test
  void aTallyCarriesTheCountsOfTheLaws() throws Exception {
    FeedCounts counts = new FeedCounts("live-1");
    counts.resent = 1;
    counts.rejected = 2;
    counts.repeated = 4;
    counts.onTime = 8;
    counts.late = 16;
    JsonNode event = EventSchemas.parse(EnvelopeEncoder.tally(counts, 1_000).json);
    assertThat(event.at("/payload/counts").toString())
        .isEqualTo(
            "{\"in\":31,\"resent\":1,\"rejected\":2,\"valid\":28,\"repeated\":4,"
                + "\"unique\":24,\"on_time\":8,\"late\":16}");
    assertThat(event.at("/payload/watermark").asLong()).isEqualTo(1_000);
  }

  /** Were a column missing in ranges.json, text in it would pass as an accident's. */
  @Test
  void theNumberFieldsOfTheRulesAreThoseOfTheRawEvent() throws Exception {
    Set<String> numbers = new HashSet<>();
    EventSchemas.rawEvent()
        .get("properties")
        .properties()
        .forEach(
            property -> {
              if (property.getValue().has("anyOf")) numbers.add(property.getKey());
            });
    Ranges ranges = Ranges.load();
    assertThat(numbers).isNotEmpty().allMatch(field -> ranges.of(field) != null);
  }

  private Reading reading(Consumer<ObjectNode> change) {
    return decode.map(RawEvents.record(change));
  }
}
