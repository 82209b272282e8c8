package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The contracts of {@code lib/events/schemas}, which the build puts on the test class path. */
final class EventSchemas {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory FACTORY =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

  private EventSchemas() {}

  /** Parses an event of stream 2 and asserts that the schema of its type allows it. */
  static JsonNode parse(byte[] json) throws IOException {
    JsonNode event = JSON.readTree(json);
    JsonSchema schema = SCHEMAS.computeIfAbsent(event.get("type").asText(), EventSchemas::load);
    assertThat(schema.validate(event)).as("schema faults of %s", event).isEmpty();
    return event;
  }

  static JsonNode rawEvent() throws IOException {
    try (InputStream in = EventSchemas.class.getResourceAsStream("/schemas/raw-event.json")) {
      return JSON.readTree(in);
    }
  }

  private static JsonSchema load(String type) {
    InputStream in = EventSchemas.class.getResourceAsStream("/schemas/" + type + ".json");
    assertThat(in).as("schema of %s", type).isNotNull();
    try {
      ObjectNode schema = (ObjectNode) JSON.readTree(in);
      // The validator takes only absolute addresses for ids.
      schema.remove("$id");
      return FACTORY.getSchema(schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
