package roadpulse.job;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes the events of stream 2 as {@code lib/events/schemas} has them. Ids are deterministic: the
 * same input gives the same id, however often the job restarts.
 */
final class EnvelopeEncoder {

  /** Else characters beyond the basic plane would take 12 bytes, three times what they came in. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private static final int USUAL_BYTES = 1024;

  private EnvelopeEncoder() {}

  /** {@code accident} or {@code accident_late}: they share the id, for it is one accident. */
  static Envelope accident(Reading reading) {
    return encode(
        reading.partitionKey,
        json -> {
          writeHead(
              json,
              "accident|" + reading.feed + '|' + reading.partitionKey,
              reading.late ? "accident_late" : "accident",
              reading.feed,
              reading.eventTime);
          json.writeObjectFieldStart("payload");
          writeAccident(json, reading);
          json.writeEndObject();
        });
  }

  private static void writeAccident(JsonGenerator json, Reading reading) throws IOException {
    Accident accident = reading.accident;
    json.writeNumberField("seq", reading.seq);
    json.writeStringField("accident_id", accident.accidentId);
    writeText(json, "source", accident.source);
    json.writeNumberField("severity", accident.severity);
    json.writeStringField("start_time", accident.startTime);
    writeText(json, "end_time", accident.endTime);
    writeText(json, "start_time_utc", accident.startTimeUtc);
    writeText(json, "timezone", accident.timezone);
    json.writeNumberField("lat", accident.lat);
    json.writeNumberField("lng", accident.lng);
    json.writeStringField("state", accident.state);
    writeText(json, "county", accident.county);
    writeText(json, "city", accident.city);
    writeText(json, "street", accident.street);
    writeText(json, "zipcode", accident.zipcode);
    writeNumber(json, "distance_mi", accident.distanceMi);
    writeText(json, "description", accident.description);
    writeText(json, "weather_condition", accident.weatherCondition);
    writeNumber(json, "temperature_f", accident.temperatureF);
    writeNumber(json, "visibility_mi", accident.visibilityMi);
    writeTexts(json, "features", accident.features);
    json.writeNumberField("row_emitted_at", accident.rowEmittedAt);
    json.writeNumberField("arrived_at", reading.arrivedAt);
  }

  static Envelope rejected(Reading reading) {
    Rejection rejection = reading.rejection;
    String id = "rejected|" + rejection.shardId + '|' + rejection.sequenceNumber;
    return encode(
        id,
        json -> {
          writeHead(json, id, "rejected", reading.feed, reading.eventTime);
          json.writeObjectFieldStart("payload");
          if (reading.seq > 0) json.writeNumberField("seq", reading.seq);
          if (reading.attempt > 0) json.writeNumberField("attempt", reading.attempt);
          writeTexts(json, "reasons", rejection.reasons);
          json.writeStringField("shard_id", rejection.shardId);
          json.writeStringField("sequence_number", rejection.sequenceNumber);
          json.writeStringField("partition_key", reading.partitionKey);
          json.writeBinaryField("bytes_base64", rejection.head);
          json.writeNumberField("bytes_length", rejection.length);
          json.writeStringField("bytes_sha256", rejection.sha256);
          json.writeNumberField("arrived_at", reading.arrivedAt);
          json.writeEndObject();
        });
  }

  /** Window bounds in epoch ms, the end exclusive. */
  static Envelope stateSeverityMinute(
      String feed, String state, int severity, long count, long windowStart, long windowEnd) {
    String id = "state_severity_minute|%s|%s|%d|%d".formatted(feed, state, severity, windowStart);
    return encode(
        id,
        json -> {
          writeHead(json, id, "state_severity_minute", feed, windowEnd - 1);
          json.writeNumberField("window_start", windowStart);
          json.writeNumberField("window_end", windowEnd);
          json.writeObjectFieldStart("payload");
          json.writeStringField("state", state);
          json.writeNumberField("severity", severity);
          json.writeNumberField("count", count);
          json.writeEndObject();
        });
  }

  /** Of the tallies of a feed, which share their id, the one with the greater {@code in} wins. */
  static Envelope tally(FeedCounts counts, long watermark) {
    String id = "tally|" + counts.feed;
    return encode(
        id,
        json -> {
          writeHead(json, id, "tally", counts.feed, counts.lastEventTime);
          json.writeObjectFieldStart("payload");
          json.writeNumberField("watermark", watermark);
          json.writeObjectFieldStart("counts");
          json.writeNumberField("in", counts.in());
          json.writeNumberField("resent", counts.resent);
          json.writeNumberField("rejected", counts.rejected);
          json.writeNumberField("valid", counts.valid());
          json.writeNumberField("repeated", counts.repeated);
          json.writeNumberField("unique", counts.unique());
          json.writeNumberField("on_time", counts.onTime);
          json.writeNumberField("late", counts.late);
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  private static Envelope encode(String partitionKey, Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = JSON.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException("writing to memory failed", impossible);
    }
    return new Envelope(partitionKey, bytes.toByteArray());
  }

  private static void writeHead(
      JsonGenerator json, String id, String type, String feed, long eventTime) throws IOException {
    json.writeStringField("id", id);
    json.writeStringField("type", type);
    json.writeNumberField("schema_version", 1);
    json.writeStringField("feed", feed);
    json.writeNumberField("event_time", eventTime);
    json.writeNumberField("emitted_at", System.currentTimeMillis());
  }

  private static void writeText(JsonGenerator json, String field, String value) throws IOException {
    if (value != null) json.writeStringField(field, value);
  }

  private static void writeNumber(JsonGenerator json, String field, Double value)
      throws IOException {
    if (value != null) json.writeNumberField(field, value);
  }

  private static void writeTexts(JsonGenerator json, String field, String[] values)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (String value : values) json.writeString(value);
    json.writeEndArray();
  }
}
