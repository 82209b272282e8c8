package roadpulse.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the rule files of {@code lib/rules}, which the build packs into the jar. */
final class Rules {

  private static final JsonFactory JSON = new JsonFactory();

  private Rules() {}

  /** The file as maps, lists, strings, doubles and booleans. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> read(String name) {
    String resource = "/rules/" + name;
    try (InputStream in = Rules.class.getResourceAsStream(resource)) {
      if (in == null) throw new IllegalStateException(resource + " is not in the jar");
      try (JsonParser parser = JSON.createParser(in)) {
        parser.nextToken();
        return (Map<String, Object>) value(parser);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read", e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) array.add(value(parser));
        yield array;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }
}
