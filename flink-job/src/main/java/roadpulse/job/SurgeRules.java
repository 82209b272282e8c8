package roadpulse.job;

import static roadpulse.job.AreaMinute.MINUTE_MS;

/**
 * When a count is a surge: what is far above what the area's own baseline leads to expect.
 *
 * <p>The baseline is the discounted gamma-Poisson model of A. C. Harvey and C. Fernandes, "Time
 * Series Models for Count or Qualitative Observations", Journal of Business and Economic Statistics
 * 7(4), 1989: the rate per minute is gamma distributed, with shape {@code a} and exposure {@code
 * b}; each minute makes of them {@code w a + accidents} and {@code w b + 1}, so that the past fades
 * and a minute without accidents counts like any other. The number to come in n minutes is then
 * negative binomial, of size a and mean n a / b.
 *
 * <p>Added to the shape is the half accident of Jeffreys' prior, which does not fade: an area that
 * never had an accident has a small rate, not none.
 */
final class SurgeRules {

  /** The minutes that are judged; the baseline has only older ones, so none judges itself. */
  static final int WINDOW_MINUTES = 5;

  static final long WINDOW_MS = WINDOW_MINUTES * MINUTE_MS;

  /**
   * Short enough to follow the day: from the night's trough to the morning's peak the rate rises
   * twelvefold in some four hours, and with twice this half-life chance needs to add little to make
   * a surge of it. Long enough for quiet areas: the baseline, once full, is of 44 minutes.
   */
  private static final double HALF_LIFE_MINUTES = 30;

  private static final double PRIOR_SHAPE = 0.5;

  /** Nothing is judged before the feed's baseline has as many minutes as are judged by it. */
  private static final long WARM_UP_MS = 2 * WINDOW_MS;

  /** Fewer are no surge however quiet the area was, and need no probability. */
  private static final long LEAST_COUNT = 6;

  /** More than chance, and far more: in a large state a tenth more would be beyond chance. */
  private static final double FACTOR = 3;

  /** A chance of one in a million: a thousand areas that are judged each minute err once a day. */
  private static final double LEAST_SURPRISE = 6;

  /** Over when below half of what starts one: a count that swings about one bound does not flap. */
  private static final double END_SHARE = 0.5;

  /** A baseline below a tenth of the prior is no longer told from none. */
  private static final double FLOOR_SHAPE = PRIOR_SHAPE / 10;

  /** As many half-lives after its last accident a feed that goes on counts as a new one. */
  static final long FEED_SILENCE_MS = (long) (12 * HALF_LIFE_MINUTES) * MINUTE_MS;

  private SurgeRules() {}

  /** What is left of an accident after so long. */
  static double fade(long ms) {
    return StrictMath.pow(2, -(double) ms / MINUTE_MS / HALF_LIFE_MINUTES);
  }

  /**
   * The distribution of the accidents in the minutes to judge.
   *
   * @param faded the baseline's accidents, each faded since its minute
   * @param baselineMs how long the baseline is: at least a minute
   */
  static NegativeBinomial expected(double faded, long baselineMs) {
    double shape = PRIOR_SHAPE + faded;
    double exposure = (1 - fade(baselineMs)) / (1 - fade(MINUTE_MS));
    return new NegativeBinomial(shape, WINDOW_MINUTES * shape / exposure);
  }

  /** -log10 of the probability of so many or more. */
  static double surprise(NegativeBinomial expected, long count) {
    return -expected.logTail(count) / StrictMath.log(10);
  }

  static boolean isWarm(long feedStart, long now) {
    return now - feedStart >= WARM_UP_MS;
  }

  static boolean starts(NegativeBinomial expected, long count) {
    return count >= LEAST_COUNT
        && count >= FACTOR * expected.mean()
        && surprise(expected, count) >= LEAST_SURPRISE;
  }

  static boolean ends(NegativeBinomial expected, long count) {
    return count < END_SHARE * LEAST_COUNT || count < END_SHARE * FACTOR * expected.mean();
  }

  /** How long so many accidents take to fade below the floor, in whole minutes. */
  static long msUntilFaded(double faded) {
    double halfLives = StrictMath.log(faded / FLOOR_SHAPE) / StrictMath.log(2);
    return (long) Math.max(0, StrictMath.ceil(halfLives * HALF_LIFE_MINUTES)) * MINUTE_MS;
  }
}
