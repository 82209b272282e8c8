package roadpulse.job;

/** The fields of a raw event that the job looks at; null or 0 where absent or unreadable. */
final class RawEvent {
  String feed;
  long seq;
  int attempt;
  Long eventTime;
  Long emittedAt;

  String id;
  String source;
  Double severity;
  String startTime;
  String endTime;
  Double startLat;
  Double startLng;
  Double endLat;
  Double endLng;
  String state;
  String county;
  String city;
  String street;
  String zipcode;
  String timezone;
  Double distanceMi;
  String description;
  String weatherCondition;
  Double temperatureF;
  Double visibilityMi;
  String[] features = {};

  /** Without feed and seq it is nobody's: not put by a producer of ours. */
  boolean isOurs() {
    return feed != null && seq > 0;
  }
}
