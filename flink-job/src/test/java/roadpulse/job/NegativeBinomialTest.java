package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

/** Against the sum of the probabilities in exact or hundred-digit arithmetic. */
class NegativeBinomialTest {

  private static final MathContext DIGITS = new MathContext(100);

  @Test
  void aSmallCountHasItsExactTail() {
    // Size 3 and p = 3/4, so that the mean is 1.
    for (int least = 2; least <= 40; least++) {
      double exact = ln(tail(new BigDecimal(3), new BigDecimal("0.421875"), "0.25", least));
      assertThat(new NegativeBinomial(3, 1).logTail(least)).isCloseTo(exact, within(1e-12));
    }
  }

  @Test
  void aSizeBelowOneHasItsExactTail() {
    // Size 1/2 and p = 0.81, whose root is 0.9.
    double mean = 0.5 * 0.19 / 0.81;
    for (int least = 1; least <= 40; least++) {
      double exact = ln(tail(new BigDecimal("0.5"), new BigDecimal("0.9"), "0.19", least));
      assertThat(new NegativeBinomial(0.5, mean).logTail(least)).isCloseTo(exact, within(1e-12));
    }
  }

  @Test
  void aTailFarBelowTheSmallestDoubleIsStillANumber() {
    // Size 60,000 and p = 15/16, so that the mean is 4,000.
    BigDecimal none = new BigDecimal("0.9375").pow(60_000, DIGITS);
    for (int least : new int[] {4_100, 6_000, 12_000, 40_000}) {
      double exact = ln(tail(new BigDecimal(60_000), none, "0.0625", least));
      assertThat(new NegativeBinomial(60_000, 4_000).logTail(least))
          .isCloseTo(exact, within(1e-12 * Math.abs(exact) + 1e-9));
    }
    assertThat(new NegativeBinomial(60_000, 4_000).logTail(40_000)).isLessThan(-20_000);
  }

  @Test
  void withACertainRateItIsPoisson() {
    // P(X >= 10) of a Poisson count of mean 1, from the sum of 1 / (e k!).
    double sum = 0;
    double term = 1 / Math.E;
    for (int k = 1; k < 60; k++) {
      term /= k;
      if (k >= 10) sum += term;
    }
    assertThat(new NegativeBinomial(1e12, 1).logTail(10)).isCloseTo(Math.log(sum), within(1e-9));
  }

  /**
   * @param none the probability of 0, which is p to the power of the size
   */
  private static BigDecimal tail(BigDecimal size, BigDecimal none, String q, int least) {
    BigDecimal term = none;
    BigDecimal sum = BigDecimal.ZERO;
    for (int k = 0; k < least || isSeen(term, sum); k++) {
      if (k >= least) sum = sum.add(term, DIGITS);
      term =
          term.multiply(size.add(BigDecimal.valueOf(k)), DIGITS)
              .multiply(new BigDecimal(q), DIGITS)
              .divide(BigDecimal.valueOf(k + 1L), DIGITS);
    }
    return sum;
  }

  private static boolean isSeen(BigDecimal term, BigDecimal sum) {
    return term.compareTo(sum.movePointLeft(40)) > 0;
  }

  private static double ln(BigDecimal value) {
    int exponent = value.precision() - value.scale();
    return Math.log(value.movePointLeft(exponent).doubleValue()) + exponent * Math.log(10);
  }
}
