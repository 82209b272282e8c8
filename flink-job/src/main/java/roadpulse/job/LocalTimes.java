package roadpulse.job;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Optional;

/**
 * The dataset's wall-clock times: {@code 2016-02-08 05:46:00}, the same with a fraction of 1 to 9
 * digits, and with a T in the middle.
 */
final class LocalTimes {

  private static final int SECONDS_LENGTH = "2016-02-08T05:46:00".length();
  private static final int DATE_LENGTH = "2016-02-08".length();

  private static final DateTimeFormatter FORMAT =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .optionalStart()
          .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
          .optionalEnd()
          .toFormatter()
          .withResolverStyle(java.time.format.ResolverStyle.STRICT);

  private LocalTimes() {}

  static Optional<LocalDateTime> parse(String text) {
    if (text.length() < SECONDS_LENGTH) return Optional.empty();
    String iso =
        text.charAt(DATE_LENGTH) == ' '
            ? text.substring(0, DATE_LENGTH) + 'T' + text.substring(DATE_LENGTH + 1)
            : text;
    try {
      return Optional.of(LocalDateTime.parse(iso, FORMAT));
    } catch (DateTimeParseException notATime) {
      return Optional.empty();
    }
  }

  /** ISO with seconds, and a fraction only where there is one. */
  static String format(LocalDateTime time) {
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
  }
}
