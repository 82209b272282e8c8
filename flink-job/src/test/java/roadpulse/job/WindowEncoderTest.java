package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.uber.h3core.H3Core;
import org.junit.jupiter.api.Test;

class WindowEncoderTest {

  private static final long END = 1_800_000_600_000L;
  private static final String CELL = "862a93467ffffff";

  @Test
  void aHotspotIsFoundByItsWindowAndRankAndKeepsTheOrderOfItsFeed() throws Exception {
    Envelope envelope = WindowEncoder.hotspot("live-1", 3, CELL, 7, 19, END - 600_000, END);
    JsonNode event = EventSchemas.parse(envelope.json);
    assertThat(event.get("id").asText()).isEqualTo("hotspot|live-1|" + END + "|3");
    assertThat(envelope.partitionKey).isEqualTo("hotspot|live-1|3");
    assertThat(event.get("event_time").asLong()).isEqualTo(END - 1);
    assertThat(event.at("/payload/count").asInt()).isEqualTo(7);
    assertThat(event.at("/payload/weight").asInt()).isEqualTo(19);
  }

  @Test
  void aCellLiesWhereTheAccidentsInItDo() throws Exception {
    String cell =
        H3Core.newInstance().latLngToCellAddress(39.865147, -84.058723, Enrichment.CELL_RESOLUTION);
    Envelope envelope = WindowEncoder.hotspot("live-1", 1, cell, 1, 1, END - 600_000, END);
    JsonNode event = EventSchemas.parse(envelope.json);
    assertThat(event.at("/payload/lat").asDouble()).isCloseTo(39.865, within(0.04));
    assertThat(event.at("/payload/lng").asDouble()).isCloseTo(-84.059, within(0.05));
  }

  @Test
  void theSamePlaceInTwoLevelsIsTwoEvents() throws Exception {
    Envelope city =
        WindowEncoder.topCity("live-1", "city", 1, "Houston", "TX", 9, 20, END - 3_600_000, END);
    Envelope county =
        WindowEncoder.topCity("live-1", "county", 1, "Harris", "TX", 9, 20, END - 3_600_000, END);
    JsonNode event = EventSchemas.parse(city.json);
    assertThat(event.get("id").asText()).isEqualTo("top_cities|live-1|" + END + "|city|1");
    assertThat(EventSchemas.parse(county.json).get("id").asText())
        .isEqualTo("top_cities|live-1|" + END + "|county|1");
    assertThat(city.partitionKey).isEqualTo("top_cities|live-1|city|1");
    assertThat(county.partitionKey).isEqualTo("top_cities|live-1|county|1");
    assertThat(event.at("/payload/name").asText()).isEqualTo("Houston");
    assertThat(event.at("/payload/state").asText()).isEqualTo("TX");
  }

  @Test
  void aSurgeAndItsEndAreTwoEventsOfOneArea() throws Exception {
    Envelope started = WindowEncoder.surge(surge("state", "OH", null));
    Envelope ended = WindowEncoder.surge(surge("state", "OH", END));
    JsonNode start = EventSchemas.parse(started.json);
    JsonNode end = EventSchemas.parse(ended.json);
    String id = "surge|live-1|state|OH|" + (END - 120_000);
    assertThat(start.get("id").asText()).isEqualTo(id + "|started");
    assertThat(end.get("id").asText()).isEqualTo(id + "|ended");
    assertThat(started.partitionKey)
        .isEqualTo(ended.partitionKey)
        .isEqualTo("surge|live-1|state|OH");
    assertThat(start.get("window_end").asLong() - start.get("window_start").asLong())
        .isEqualTo(300_000);
    assertThat(start.at("/payload/expected").asDouble()).isEqualTo(2.346);
    assertThat(start.get("payload").has("ended_at")).isFalse();
    assertThat(start.get("payload").has("lat")).isFalse();
    assertThat(end.at("/payload/ended_at").asLong()).isEqualTo(END);
  }

  @Test
  void aSurgeOfACellLiesAtItsCentre() throws Exception {
    JsonNode event = EventSchemas.parse(WindowEncoder.surge(surge("cell", CELL, null)).json);
    assertThat(event.at("/payload/state").asText()).isEqualTo("OH");
    assertThat(event.at("/payload/lat").isNumber()).isTrue();
    assertThat(event.at("/payload/lng").isNumber()).isTrue();
  }

  private static Surge surge(String areaKind, String area, Long endedAt) {
    Surge surge = new Surge();
    surge.feed = "live-1";
    surge.areaKind = areaKind;
    surge.area = area;
    surge.state = "OH";
    surge.startedAt = END - 120_000;
    surge.endedAt = endedAt;
    surge.windowEnd = END;
    surge.count = 40;
    surge.expected = 2.34567;
    surge.surprise = 31.00049;
    return surge;
  }
}
