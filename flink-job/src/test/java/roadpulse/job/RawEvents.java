package roadpulse.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Raw events and their records for tests: a valid one, and what a test changes in it. */
final class RawEvents {

  static final long ARRIVED_AT = 1_800_000_000_000L;

  private static final ObjectMapper JSON = new ObjectMapper();

  private RawEvents() {}

  static ObjectNode valid() {
    ObjectNode event = JSON.createObjectNode();
    event.put("feed", "live-1").put("seq", 1).put("attempt", 1);
    event.put("event_time", ARRIVED_AT - 500).put("emitted_at", ARRIVED_AT - 20);
    event.put("id", "A-1").put("source", "Source2").put("severity", 3);
    event.put("start_time", "2016-02-08 05:46:00").put("end_time", "2016-02-08 11:00:00");
    event.put("start_lat", 39.865147).put("start_lng", -84.058723);
    event.put("distance_mi", 0.01).put("description", "Right lane blocked.");
    event.put("street", "I-70 E").put("city", "Dayton").put("county", "Montgomery");
    event.put("state", "OH").put("zipcode", "45424").put("country", "US");
    event.put("timezone", "US/Eastern").put("airport_code", "KFFO");
    event
        .put("temperature_f", 36.9)
        .put("visibility_mi", 10)
        .put("weather_condition", "Light Rain");
    event.putArray("features").add("junction");
    return event;
  }

  static RawRecord record(Consumer<ObjectNode> change) {
    ObjectNode event = valid();
    change.accept(event);
    return record((event + "\n").getBytes(StandardCharsets.UTF_8));
  }

  static RawRecord record(byte[] data) {
    RawRecord record = new RawRecord();
    record.shardId = "shardId-000000000001";
    record.sequenceNumber = "4957";
    record.partitionKey = "2016-02-08T05:46:00|39.8651|-84.0587";
    record.arrivedAt = ARRIVED_AT;
    record.data = data;
    return record;
  }
}
