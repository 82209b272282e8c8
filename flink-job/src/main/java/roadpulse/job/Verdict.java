package roadpulse.job;

/** What became of a record. The order of the first three is the order in which they are asked. */
public enum Verdict {
  /** The same feed, seq and attempt again: a put that was repeated. */
  RESENT,
  /** Not an accident that we can read. */
  REJECTED,
  /** An accident that the source has already had under another id. */
  REPEATED,
  ON_TIME,
  LATE
}
