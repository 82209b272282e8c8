package roadpulse.job;

import static roadpulse.job.EnvelopeJson.encode;
import static roadpulse.job.EnvelopeJson.writeHead;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * Writes the events that stand for a window of event time: bounds in epoch ms, the end exclusive;
 * their time is the last millisecond of the window.
 */
final class WindowEncoder {

  private WindowEncoder() {}

  static Envelope stateSeverityMinute(
      String feed, String state, int severity, long count, long windowStart, long windowEnd) {
    String id = "state_severity_minute|%s|%s|%d|%d".formatted(feed, state, severity, windowStart);
    return encode(
        id,
        json -> {
          writeWindow(json, id, "state_severity_minute", feed, windowStart, windowEnd);
          json.writeObjectFieldStart("payload");
          json.writeStringField("state", state);
          json.writeNumberField("severity", severity);
          json.writeNumberField("count", count);
          json.writeEndObject();
        });
  }

  /**
   * A cell among the first ones of a window.
   *
   * @param weight sum of the severities
   */
  static Envelope hotspot(
      String feed,
      long rank,
      String cell,
      long count,
      long weight,
      long windowStart,
      long windowEnd) {
    String id = "hotspot|%s|%d|%d".formatted(feed, windowEnd, rank);
    return encode(
        // Each rank a key of its own: the sink puts what shares a key one after the other, and the
        // consumer takes ranks in any order.
        "hotspot|%s|%d".formatted(feed, rank),
        json -> {
          writeWindow(json, id, "hotspot", feed, windowStart, windowEnd);
          json.writeObjectFieldStart("payload");
          json.writeNumberField("rank", rank);
          json.writeStringField("cell", cell);
          writeCentre(json, cell);
          json.writeNumberField("count", count);
          json.writeNumberField("weight", weight);
          json.writeEndObject();
        });
  }

  /**
   * A place among the first ones of a window.
   *
   * @param level {@code city} or {@code county}
   * @param weight sum of the severities
   */
  static Envelope topCity(
      String feed,
      String level,
      long rank,
      String name,
      String state,
      long count,
      long weight,
      long windowStart,
      long windowEnd) {
    String id = "top_cities|%s|%d|%s|%d".formatted(feed, windowEnd, level, rank);
    return encode(
        "top_cities|%s|%s|%d".formatted(feed, level, rank),
        json -> {
          writeWindow(json, id, "top_cities", feed, windowStart, windowEnd);
          json.writeObjectFieldStart("payload");
          json.writeStringField("level", level);
          json.writeNumberField("rank", rank);
          json.writeStringField("name", name);
          json.writeStringField("state", state);
          json.writeNumberField("count", count);
          json.writeNumberField("weight", weight);
          json.writeEndObject();
        });
  }

  static Envelope surge(Surge surge) {
    String area = "surge|%s|%s|%s".formatted(surge.feed, surge.areaKind, surge.area);
    String phase = surge.endedAt == null ? "started" : "ended";
    String id = "%s|%d|%s".formatted(area, surge.startedAt, phase);
    return encode(
        area,
        json -> {
          long windowStart = surge.windowEnd - SurgeRules.WINDOW_MS;
          writeWindow(json, id, "surge", surge.feed, windowStart, surge.windowEnd);
          json.writeObjectFieldStart("payload");
          json.writeStringField("area_kind", surge.areaKind);
          json.writeStringField("area", surge.area);
          json.writeStringField("state", surge.state);
          if (surge.areaKind.equals("cell")) writeCentre(json, surge.area);
          json.writeStringField("phase", phase);
          json.writeNumberField("started_at", surge.startedAt);
          if (surge.endedAt != null) json.writeNumberField("ended_at", surge.endedAt);
          json.writeNumberField("count", surge.count);
          json.writeNumberField("expected", toThousandths(surge.expected));
          json.writeNumberField("surprise", toThousandths(surge.surprise));
          json.writeEndObject();
        });
  }

  private static void writeWindow(
      JsonGenerator json, String id, String type, String feed, long windowStart, long windowEnd)
      throws IOException {
    writeHead(json, id, type, feed, windowEnd - 1);
    json.writeNumberField("window_start", windowStart);
    json.writeNumberField("window_end", windowEnd);
  }

  private static void writeCentre(JsonGenerator json, String cell) throws IOException {
    CellCentre centre = CellCentre.of(cell);
    json.writeNumberField("lat", centre.lat());
    json.writeNumberField("lng", centre.lng());
  }

  private static double toThousandths(double value) {
    return Math.round(value * 1_000) / 1_000.0;
  }
}
