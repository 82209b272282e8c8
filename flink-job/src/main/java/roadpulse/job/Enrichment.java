package roadpulse.job;

import com.uber.h3core.H3Core;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * Makes the accident of a valid raw event: what it says, and what follows from that by the rules of
 * {@code lib/rules}.
 */
final class Enrichment {

  /** Cells of some 36 km²: a town, or a part of a city. */
  static final int CELL_RESOLUTION = 6;

  private static final double SECONDS_PER_MINUTE = 60;

  private final WeatherClasses weatherClasses = WeatherClasses.load();
  private final RoadClasses roadClasses = RoadClasses.load();
  private final RushHours rushHours = RushHours.load();
  private final H3Core h3;
  private final Consumer<String> onUnknownCondition;

  /**
   * Reads the rules, and loads H3's native library.
   *
   * @param onUnknownCondition is told each weather condition that no rule takes
   */
  Enrichment(Consumer<String> onUnknownCondition) {
    this.onUnknownCondition = onUnknownCondition;
    try {
      h3 = H3Core.newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException("H3's native library cannot be loaded", e);
    }
  }

  Accident accidentOf(RawEvent raw, AccidentTimes times) {
    Accident accident = new Accident();
    setTimes(accident, times);
    accident.accidentId = raw.id;
    accident.source = raw.source;
    accident.severity = raw.severity.intValue();
    accident.lat = raw.startLat;
    accident.lng = raw.startLng;
    accident.cell = h3.latLngToCellAddress(raw.startLat, raw.startLng, CELL_RESOLUTION);
    accident.state = raw.state;
    accident.county = raw.county;
    accident.city = raw.city;
    accident.street = raw.street;
    accident.roadClass = roadClasses.of(raw.street);
    accident.zipcode = raw.zipcode;
    accident.distanceMi = raw.distanceMi;
    accident.description = raw.description;
    accident.weatherCondition = raw.weatherCondition;
    accident.weatherClass = weatherClassOf(raw.weatherCondition);
    accident.temperatureF = raw.temperatureF;
    accident.visibilityMi = raw.visibilityMi;
    accident.features = raw.features;
    accident.rowEmittedAt = raw.emittedAt;
    return accident;
  }

  private void setTimes(Accident accident, AccidentTimes times) {
    accident.startTime = LocalTimes.format(times.start());
    accident.weekday = times.start().getDayOfWeek().getValue();
    accident.rushHour = rushHours.contain(times.start());
    if (times.end() != null) {
      accident.endTime = LocalTimes.format(times.end());
      accident.durationMinutes = times.duration().toSeconds() / SECONDS_PER_MINUTE;
    }
    if (times.zone() != null) {
      accident.timezone = times.zone().getId();
      accident.startTimeUtc = LocalTimes.format(times.startUtc()) + 'Z';
    }
  }

  private String weatherClassOf(String condition) {
    if (condition == null || condition.isBlank()) return WeatherClasses.UNKNOWN;
    return weatherClasses
        .of(condition)
        .orElseGet(
            () -> {
              onUnknownCondition.accept(condition);
              return WeatherClasses.UNKNOWN;
            });
  }
}
