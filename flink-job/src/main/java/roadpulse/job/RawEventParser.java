package roadpulse.job;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the JSON of a raw event field by field, and goes on after a field that it cannot read, so
 * that a record's faults are all found at once.
 */
final class RawEventParser {

  /** Far above the names that feeds have; it bounds ids and keys that are made of the name. */
  private static final int MAX_FEED_LENGTH = 100;

  /** The largest integer that every reader of the JSON keeps exactly. */
  private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

  private static final JsonFactory JSON = new JsonFactory();

  private final Ranges ranges;

  RawEventParser(Ranges ranges) {
    this.ranges = ranges;
  }

  /** Never throws on what the bytes are: everything wrong is added to {@code reasons}. */
  RawEvent parse(byte[] bytes, List<String> reasons) {
    RawEvent event = new RawEvent();
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        reasons.add("the record is not a JSON object");
        return event;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        parser.nextToken();
        read(field, parser, event, reasons);
      }
      if (parser.nextToken() != null) reasons.add("the record holds more than one JSON value");
    } catch (JsonParseException | CharConversionException notJson) {
      reasons.add("the record is not JSON");
    } catch (IOException constraint) {
      // Nested too deeply, or a number of too many digits.
      reasons.add("the record is not JSON that can be read");
    }
    return event;
  }

  private void read(String field, JsonParser parser, RawEvent event, List<String> reasons)
      throws IOException {
    switch (field) {
      case "feed" -> event.feed = feed(parser, reasons);
      case "seq" -> event.seq = orZero(integer(field, parser, reasons));
      case "attempt" -> event.attempt = (int) orZero(integer(field, parser, reasons));
      case "event_time" -> event.eventTime = integer(field, parser, reasons);
      case "emitted_at" -> event.emittedAt = integer(field, parser, reasons);
      case "id" -> event.id = text(field, parser, reasons);
      case "source" -> event.source = text(field, parser, reasons);
      case "severity" -> event.severity = number(field, parser, reasons);
      case "start_time" -> event.startTime = text(field, parser, reasons);
      case "end_time" -> event.endTime = text(field, parser, reasons);
      case "start_lat" -> event.startLat = number(field, parser, reasons);
      case "start_lng" -> event.startLng = number(field, parser, reasons);
      case "end_lat" -> event.endLat = number(field, parser, reasons);
      case "end_lng" -> event.endLng = number(field, parser, reasons);
      case "state" -> event.state = text(field, parser, reasons);
      case "county" -> event.county = text(field, parser, reasons);
      case "city" -> event.city = text(field, parser, reasons);
      case "street" -> event.street = text(field, parser, reasons);
      case "zipcode" -> event.zipcode = text(field, parser, reasons);
      case "timezone" -> event.timezone = text(field, parser, reasons);
      case "distance_mi" -> event.distanceMi = number(field, parser, reasons);
      case "description" -> event.description = text(field, parser, reasons);
      case "weather_condition" -> event.weatherCondition = text(field, parser, reasons);
      case "temperature_f" -> event.temperatureF = number(field, parser, reasons);
      case "visibility_mi" -> event.visibilityMi = number(field, parser, reasons);
      case "features" -> event.features = features(parser, reasons);
      default -> {
        if (ranges.of(field) != null) {
          number(field, parser, reasons);
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  private static String feed(JsonParser parser, List<String> reasons) throws IOException {
    String feed = text("feed", parser, reasons);
    if (feed == null || feed.isEmpty()) return null;
    if (feed.length() <= MAX_FEED_LENGTH) return feed;
    reasons.add("feed is longer than " + MAX_FEED_LENGTH + " characters");
    return null;
  }

  private static String text(String field, JsonParser parser, List<String> reasons)
      throws IOException {
    if (isText(parser)) return parser.getText();
    refuse(field + " is not text", parser, reasons);
    return null;
  }

  /**
   * JSON can escape half of a character that takes two. No UTF-8 holds that, so it could be read
   * here and not be written.
   */
  private static boolean isText(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) return false;
    String text = parser.getText();
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) continue;
      boolean isPair =
          i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
      if (!isPair) return false;
      i++;
    }
    return true;
  }

  private static Long integer(String field, JsonParser parser, List<String> reasons)
      throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long value = parser.getLongValue();
      if (value >= 0 && value <= MAX_SAFE_INTEGER) return value;
    }
    refuse(field + " is not a whole number", parser, reasons);
    return null;
  }

  private static long orZero(Long value) {
    return value == null ? 0 : value;
  }

  private Double number(String field, JsonParser parser, List<String> reasons) throws IOException {
    Ranges.Range range = ranges.of(field);
    if (!parser.currentToken().isNumeric() || !Double.isFinite(parser.getDoubleValue())) {
      refuse(field + " is not a number", parser, reasons);
      return null;
    }
    double value = parser.getDoubleValue();
    if (range.integer() && value != Math.rint(value)) {
      reasons.add(field + " is not a whole number");
      return null;
    }
    if (value < range.min() || value > range.max()) {
      reasons.add(
          "%s is not between %s and %s".formatted(field, plain(range.min()), plain(range.max())));
      return null;
    }
    return value;
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  private static String[] features(JsonParser parser, List<String> reasons) throws IOException {
    List<String> features = new ArrayList<>();
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      parser.nextToken();
      for (; isText(parser); parser.nextToken()) features.add(parser.getText());
      if (parser.currentToken() == JsonToken.END_ARRAY) return features.toArray(String[]::new);
      while (parser.currentToken() != JsonToken.END_ARRAY) {
        parser.skipChildren();
        parser.nextToken();
      }
    }
    refuse("features is not a list of texts", parser, reasons);
    return new String[0];
  }

  /** JSON null is as good as absent. */
  private static void refuse(String reason, JsonParser parser, List<String> reasons)
      throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_NULL) reasons.add(reason);
    parser.skipChildren();
  }
}
