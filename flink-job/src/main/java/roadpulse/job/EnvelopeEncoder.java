package roadpulse.job;

import static roadpulse.job.EnvelopeJson.encode;
import static roadpulse.job.EnvelopeJson.writeHead;
import static roadpulse.job.EnvelopeJson.writeNumber;
import static roadpulse.job.EnvelopeJson.writeText;
import static roadpulse.job.EnvelopeJson.writeTexts;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Writes what became of single records, and their tally. */
final class EnvelopeEncoder {

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
    json.writeNumberField("weekday", accident.weekday);
    json.writeBooleanField("rush_hour", accident.rushHour);
    writeNumber(json, "duration_minutes", accident.durationMinutes);
    json.writeNumberField("lat", accident.lat);
    json.writeNumberField("lng", accident.lng);
    json.writeStringField("cell", accident.cell);
    json.writeStringField("state", accident.state);
    writeText(json, "county", accident.county);
    writeText(json, "city", accident.city);
    writeText(json, "street", accident.street);
    json.writeStringField("road_class", accident.roadClass);
    writeText(json, "zipcode", accident.zipcode);
    writeNumber(json, "distance_mi", accident.distanceMi);
    writeText(json, "description", accident.description);
    writeText(json, "weather_condition", accident.weatherCondition);
    json.writeStringField("weather_class", accident.weatherClass);
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
}
