package roadpulse.job;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * When an accident began and ended, on the clocks of its place.
 *
 * @param start null where it cannot be read
 * @param end null where the source has none
 * @param zone after correction; null where it is not known: the two times are then taken to have
 *     the same offset
 */
record AccidentTimes(LocalDateTime start, LocalDateTime end, ZoneId zone) {

  /** Adds to {@code reasons} what cannot be read, and an end that is not after the start. */
  static AccidentTimes read(RawEvent raw, Zones zones, List<String> reasons) {
    AccidentTimes times =
        new AccidentTimes(
            time("start_time", raw.startTime, reasons),
            time("end_time", raw.endTime, reasons),
            zone(raw, zones, reasons));
    if (times.start != null
        && times.end != null
        && times.duration().compareTo(Duration.ZERO) <= 0) {
      reasons.add("end_time is not after start_time");
    }
    return times;
  }

  private static LocalDateTime time(String field, String text, List<String> reasons) {
    if (text == null) return null;
    Optional<LocalDateTime> time = LocalTimes.parse(text);
    if (time.isEmpty()) reasons.add(field + " is not a time");
    return time.orElse(null);
  }

  private static ZoneId zone(RawEvent raw, Zones zones, List<String> reasons) {
    if (raw.timezone == null) return null;
    Optional<ZoneId> zone = zones.of(raw.state, raw.timezone);
    if (zone.isEmpty()) reasons.add("timezone is not known");
    return zone.orElse(null);
  }

  /** Null where the zone is not known. In the hour that autumn repeats, the first of the two. */
  LocalDateTime startUtc() {
    return zone == null ? null : start.minusSeconds(offset(start, 0));
  }

  /**
   * From the start to the end, both of which there must be. The hour that autumn repeats is taken
   * as the first time for the start, the second for the end.
   */
  Duration duration() {
    Duration onTheClock = Duration.between(start, end);
    if (zone == null) return onTheClock;
    return onTheClock.plusSeconds(offset(start, 0) - offset(end, 1));
  }

  /**
   * Seconds ahead of UTC.
   *
   * @param turn 0 for the first, 1 for the second time of an hour that comes twice
   */
  private int offset(LocalDateTime local, int turn) {
    var offsets = zone.getRules().getValidOffsets(local);
    // An hour that spring leaves out is counted on with the offset before it.
    if (offsets.isEmpty()) return zone.getRules().getOffset(local).getTotalSeconds();
    return offsets.get(Math.min(turn, offsets.size() - 1)).getTotalSeconds();
  }
}
