package roadpulse.job;

/** A surge that is not over, with what the baseline led to expect when it started. */
public class OpenSurge {
  public String state;

  /** Epoch ms: the end of the minute that raised it. */
  public long startedAt;

  /** The most accidents in five minutes so far. */
  public long highestCount;

  public double expectedSize;
  public double expectedMean;

  /** What there is to tell of it now; the rest is the area's. */
  Surge tell(long windowEnd) {
    Surge surge = new Surge();
    surge.state = state;
    surge.startedAt = startedAt;
    surge.windowEnd = windowEnd;
    surge.count = highestCount;
    surge.expected = expectedMean;
    surge.surprise =
        SurgeRules.surprise(new NegativeBinomial(expectedSize, expectedMean), highestCount);
    return surge;
  }
}
