package roadpulse.job;

/**
 * The negative binomial distribution: what a Poisson count is when its rate is only known as a
 * gamma distribution of that size (shape). The arithmetic is that of {@link StrictMath}, so that a
 * machine of another kind decides as this one does.
 *
 * @param size above 0; the smaller, the less is known of the rate
 * @param mean above 0
 */
record NegativeBinomial(double size, double mean) {

  /** Terms that add less than this to a sum do not change it. */
  private static final double NEGLIGIBLE = 1e-17;

  /**
   * The natural logarithm of the probability of {@code least} or more. It is finite however small
   * that is: the first probability is summed up in logarithms, and those above it relative to it,
   * each from the one before: {@code P(k + 1) = P(k) (size + k) / (k + 1) q}.
   *
   * @param least above the mean, from where on the terms shrink
   */
  double logTail(long least) {
    double q = mean / (size + mean);
    double logFirst = -size * StrictMath.log1p(mean / size) + least * StrictMath.log(q);
    for (long k = 0; k < least; k++) logFirst += StrictMath.log((size + k) / (k + 1));

    double sum = 1;
    double term = 1;
    for (long k = least; term > NEGLIGIBLE * sum; k++) {
      term *= (size + k) / (k + 1) * q;
      sum += term;
    }
    return logFirst + StrictMath.log(sum);
  }
}
