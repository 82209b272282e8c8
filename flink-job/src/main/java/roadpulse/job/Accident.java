package roadpulse.job;

/** A cleaned accident. What the source left empty is null. */
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

  public double lat;
  public double lng;
  public String state;
  public String county;
  public String city;
  public String street;
  public String zipcode;
  public Double distanceMi;
  public String description;
  public String weatherCondition;
  public Double temperatureF;
  public Double visibilityMi;
  public String[] features;

  /** Epoch ms at which the producer put the row. */
  public long rowEmittedAt;
}
