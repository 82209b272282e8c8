package roadpulse.job;

import java.util.List;
import java.util.regex.Pattern;

/** Says everything that is wrong with a raw event; its times are {@link AccidentTimes}' part. */
final class AccidentValidator {

  private static final Pattern STATE = Pattern.compile("[A-Z]{2}");

  private final Ranges ranges;

  AccidentValidator(Ranges ranges) {
    this.ranges = ranges;
  }

  /**
   * Adds to {@code reasons} what is missing or cannot be.
   *
   * @param reasons what the parser has found already; a field that it refused is null here
   */
  void validate(RawEvent raw, long arrivedAt, List<String> reasons) {
    require(raw.feed, "feed", reasons);
    require(raw.seq > 0 ? raw.seq : null, "seq", reasons);
    require(raw.attempt > 0 ? raw.attempt : null, "attempt", reasons);
    require(raw.eventTime, "event_time", reasons);
    require(raw.emittedAt, "emitted_at", reasons);
    require(raw.id, "id", reasons);
    require(raw.severity, "severity", reasons);
    require(raw.startTime, "start_time", reasons);
    require(raw.startLat, "start_lat", reasons);
    require(raw.startLng, "start_lng", reasons);
    require(raw.state, "state", reasons);
    if (raw.eventTime != null && raw.eventTime > arrivedAt + ranges.eventTimeAheadMaxMs()) {
      reasons.add("event_time is in the future");
    }
    if (raw.state != null && !STATE.matcher(raw.state).matches()) {
      reasons.add("state is not two capital letters");
    }
    checkPlace("start", raw.startLat, raw.startLng, reasons);
    checkPlace("end", raw.endLat, raw.endLng, reasons);
  }

  /** Adds a reason for an absent field, unless the parser has already found it unreadable. */
  private static void require(Object value, String field, List<String> reasons) {
    if (value != null) return;
    for (String reason : reasons) {
      if (reason.startsWith(field + " ")) return;
    }
    reasons.add(field + " is missing");
  }

  private void checkPlace(String which, Double lat, Double lng, List<String> reasons) {
    if (lat == null || lng == null) return;
    if (!ranges.isInUnitedStates(lat, lng)) {
      reasons.add(which + " is not in the United States");
    }
  }
}
