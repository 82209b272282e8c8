package roadpulse.job;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What the events of stream 2 have in common, as {@code lib/events/schemas} has them. Ids are
 * deterministic: the same input gives the same id, however often the job restarts.
 */
final class EnvelopeJson {

  /** Else characters beyond the basic plane would take 12 bytes, three times what they came in. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8).build();

  private static final int USUAL_BYTES = 1024;

  private EnvelopeJson() {}

  interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  static Envelope encode(String partitionKey, Body body) {
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

  static void writeHead(JsonGenerator json, String id, String type, String feed, long eventTime)
      throws IOException {
    json.writeStringField("id", id);
    json.writeStringField("type", type);
    json.writeNumberField("schema_version", 1);
    json.writeStringField("feed", feed);
    json.writeNumberField("event_time", eventTime);
    json.writeNumberField("emitted_at", System.currentTimeMillis());
  }

  static void writeText(JsonGenerator json, String field, String value) throws IOException {
    if (value != null) json.writeStringField(field, value);
  }

  static void writeNumber(JsonGenerator json, String field, Double value) throws IOException {
    if (value != null) json.writeNumberField(field, value);
  }

  static void writeTexts(JsonGenerator json, String field, String[] values) throws IOException {
    json.writeArrayFieldStart(field);
    for (String value : values) json.writeString(value);
    json.writeEndArray();
  }
}
