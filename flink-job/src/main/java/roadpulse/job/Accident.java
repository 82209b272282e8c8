package roadpulse.job;

/** A cleaned and enriched accident. What the source left empty is null. */
public class Accident {
  public String accidentId;
  public String source;
  public int severity;

  /** Local wall-clock time, ISO without an offset. */
  public String startTime;

  public String endTime;

  /** ISO, ending in Z; null where the zone is unknown. */
  public String startTimeUtc;

  /** IANA zone after correction. */
  public String timezone;

  /** ISO, Monday is 1, by the local start. */
  public int weekday;

  public boolean rushHour;

  /** Null without an end. */
  public Double durationMinutes;

  public double lat;
  public double lng;

  /** The H3 cell of the start, as its address in hexadecimal. */
  public String cell;

  public String state;
  public String county;
  public String city;
  public String street;
  public String roadClass;
  public String zipcode;
  public Double distanceMi;
  public String description;
  public String weatherCondition;
  public String weatherClass;
  public Double temperatureF;
  public Double visibilityMi;
  public String[] features;

  /** Epoch ms at which the producer put the row. */
  public long rowEmittedAt;
}
