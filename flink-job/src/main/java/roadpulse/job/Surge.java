package roadpulse.job;

/** That a surge has started in an area, or that it is over. */
public class Surge {
  public String feed;

  /** {@code state} or {@code cell}. */
  public String areaKind;

  public String area;

  /** A cell's: the alphabetically first among the accidents of the minutes that raised it. */
  public String state;

  /** Epoch ms: the end of the minute that raised it. */
  public long startedAt;

  /** Epoch ms: the end of the minute that ended it; null when it starts. */
  public Long endedAt;

  /** Epoch ms, exclusive: the end of the five minutes that decided. */
  public long windowEnd;

  /** Accidents in five minutes: when it started, or at most while it lasted. */
  public long count;

  /** Accidents in five minutes that the baseline led to expect when it started. */
  public double expected;

  /** -log10 of the probability, by that baseline, of so many or more. */
  public double surprise;
}
