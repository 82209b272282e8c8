package roadpulse.job;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Makes an accident of a raw event, or says everything that is wrong with it. */
final class AccidentValidator {

  private static final Pattern STATE = Pattern.compile("[A-Z]{2}");

  private final Ranges ranges;
  private final Zones zones;

  AccidentValidator(Ranges ranges, Zones zones) {
    this.ranges = ranges;
    this.zones = zones;
  }

  /**
   * Returns the accident; it is of no use when {@code reasons} is not empty afterwards.
   *
   * @param reasons what the parser has found already; a field that it refused is null here
   */
  Accident validate(RawEvent raw, long arrivedAt, List<String> reasons) {
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

    Accident accident = new Accident();
    setTimes(accident, raw, reasons);
    if (reasons.isEmpty()) setRest(accident, raw);
    return accident;
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

  private void setTimes(Accident accident, RawEvent raw, List<String> reasons) {
    Optional<LocalDateTime> start = time("start_time", raw.startTime, reasons);
    Optional<LocalDateTime> end = time("end_time", raw.endTime, reasons);
    Optional<ZoneId> zone = zone(raw, reasons);
    accident.startTime = start.map(LocalTimes::format).orElse(null);
    accident.endTime = end.map(LocalTimes::format).orElse(null);
    accident.timezone = zone.map(ZoneId::getId).orElse(null);
    accident.startTimeUtc =
        zone.flatMap(at -> start.map(local -> utc(local.atZone(at)))).orElse(null);
    if (start.isPresent() && end.isPresent() && !isAfter(end.get(), start.get(), zone)) {
      reasons.add("end_time is not after start_time");
    }
  }

  private static Optional<LocalDateTime> time(String field, String text, List<String> reasons) {
    if (text == null) return Optional.empty();
    Optional<LocalDateTime> time = LocalTimes.parse(text);
    if (time.isEmpty()) reasons.add(field + " is not a time");
    return time;
  }

  private Optional<ZoneId> zone(RawEvent raw, List<String> reasons) {
    if (raw.timezone == null) return Optional.empty();
    Optional<ZoneId> zone = zones.of(raw.state, raw.timezone);
    if (zone.isEmpty()) reasons.add("timezone is not known");
    return zone;
  }

  private static String utc(ZonedDateTime time) {
    return DateTimeFormatter.ISO_INSTANT.format(time.toInstant());
  }

  /**
   * The hour that autumn repeats is taken as the first time for the start, the second for the end.
   */
  private static boolean isAfter(LocalDateTime end, LocalDateTime start, Optional<ZoneId> zone) {
    if (zone.isEmpty()) return end.isAfter(start);
    Instant startsAt = start.atZone(zone.get()).withEarlierOffsetAtOverlap().toInstant();
    return end.atZone(zone.get()).withLaterOffsetAtOverlap().toInstant().isAfter(startsAt);
  }

  private static void setRest(Accident accident, RawEvent raw) {
    accident.accidentId = raw.id;
    accident.source = raw.source;
    accident.severity = raw.severity.intValue();
    accident.lat = raw.startLat;
    accident.lng = raw.startLng;
    accident.state = raw.state;
    accident.county = raw.county;
    accident.city = raw.city;
    accident.street = raw.street;
    accident.zipcode = raw.zipcode;
    accident.distanceMi = raw.distanceMi;
    accident.description = raw.description;
    accident.weatherCondition = raw.weatherCondition;
    accident.temperatureF = raw.temperatureF;
    accident.visibilityMi = raw.visibilityMi;
    accident.features = raw.features;
    accident.rowEmittedAt = raw.emittedAt;
  }
}
