package roadpulse.job;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * The dataset's wall-clock times: {@code 2016-02-08 05:46:00}, the same with a fraction of 1 to 9
 * digits, and with a T in the middle. Read and written by hand: a formatter takes ten times as
 * long, and each record has three of them.
 */
final class LocalTimes {

  private static final String FORM = "0000-00-00T00:00:00";
  private static final int FRACTION_START = FORM.length() + 1;
  private static final int MAX_FRACTION_DIGITS = 9;

  private LocalTimes() {}

  static Optional<LocalDateTime> parse(String text) {
    if (!hasForm(text)) return Optional.empty();
    try {
      return Optional.of(
          LocalDateTime.of(
              number(text, 0, 4),
              number(text, 5, 7),
              number(text, 8, 10),
              number(text, 11, 13),
              number(text, 14, 16),
              number(text, 17, 19),
              nanos(text)));
    } catch (DateTimeException noSuchDay) {
      return Optional.empty();
    }
  }

  private static boolean hasForm(String text) {
    int length = text.length();
    if (length < FORM.length() || length > FRACTION_START + MAX_FRACTION_DIGITS) return false;
    for (int i = 0; i < FORM.length(); i++) {
      char form = FORM.charAt(i);
      char found = text.charAt(i);
      boolean fits =
          switch (form) {
            case '0' -> isDigit(found);
            case 'T' -> found == 'T' || found == ' ';
            default -> found == form;
          };
      if (!fits) return false;
    }
    if (length == FORM.length()) return true;
    if (text.charAt(FORM.length()) != '.' || length == FRACTION_START) return false;
    for (int i = FRACTION_START; i < length; i++) {
      if (!isDigit(text.charAt(i))) return false;
    }
    return true;
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  private static int number(String digits, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) number = number * 10 + digits.charAt(i) - '0';
    return number;
  }

  private static int nanos(String text) {
    if (text.length() <= FRACTION_START) return 0;
    int nanos = number(text, FRACTION_START, text.length());
    for (int i = text.length(); i < FRACTION_START + MAX_FRACTION_DIGITS; i++) nanos *= 10;
    return nanos;
  }

  /** ISO with seconds, and a fraction only where there is one. */
  static String format(LocalDateTime time) {
    if (time.getNano() != 0 || time.getYear() < 1_000) {
      return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
    }
    StringBuilder iso = new StringBuilder(FORM.length()).append(time.getYear());
    appendTwo(iso.append('-'), time.getMonthValue());
    appendTwo(iso.append('-'), time.getDayOfMonth());
    appendTwo(iso.append('T'), time.getHour());
    appendTwo(iso.append(':'), time.getMinute());
    appendTwo(iso.append(':'), time.getSecond());
    return iso.toString();
  }

  private static void appendTwo(StringBuilder out, int number) {
    out.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }
}
