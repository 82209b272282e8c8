package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static roadpulse.job.AreaMinute.MINUTE_MS;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often chance alone is taken for a surge, and how small a surge is found. */
class AreaHistoryTest {

  private static final long START = 1_800_000_000_000L;
  private static final int DAY = 24 * 60;

  /** 50 rows a second, of which 87 in 100 are accidents that are not repeated. */
  private static final double DEMO_PER_MINUTE = 50 * 60 * 0.87;

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.1, 0.5, 2, 10, 100})
  void chanceAloneIsTakenForASurgeLessThanOnceInAHundredDays(double perMinute) {
    Random random = new Random(1);
    int surges = 0;
    for (int day = 0; day < 100; day++) surges += surges(random, minute -> perMinute, DAY).size();
    assertThat(surges).isZero();
  }

  @Test
  void theDaysRiseAndFallIsNoSurge() {
    // As in the dataset: from a fifth of the mean at night to two and a half times it at seven, in
    // the state with the most accidents, one in two minutes.
    IntToDoubleFunction day =
        minute -> {
          double toSeven = Math.abs(minute / 60.0 % 24 - 7);
          return 0.5 * Math.max(0.21, 2.58 - toSeven * 0.79);
        };
    for (int seed = 0; seed < 100; seed++) {
      assertThat(surges(new Random(seed), day, 2 * DAY)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0001, 0.001, 0.01, 0.02, 0.025})
  void aSurgeOfTheDemoIsFoundInAStateOfUpToOneInFortyRows(double share) {
    for (int seed = 0; seed < 50; seed++) {
      List<Surge> surges = surges(new Random(seed), demo(share, 1), 40);
      assertThat(surges).hasSize(2);
      assertThat(surges.get(0).startedAt).isEqualTo(START + 31 * MINUTE_MS);
      assertThat(surges.get(1).endedAt).isLessThanOrEqualTo(START + 37 * MINUTE_MS);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.00001, 0.0001})
  void aSurgeOfTheDemoIsFoundInACellOfThreeInAHundredOfThePlace(double share) {
    for (int seed = 0; seed < 50; seed++) {
      assertThat(surges(new Random(seed), demo(share, 0.03), 40)).hasSize(2);
    }
  }

  @Test
  void aQuarterMoreInTheStateWithMostAccidentsIsNoSurge() {
    assertThat(surges(new Random(1), demo(0.226, 1), 40)).isEmpty();
  }

  /**
   * In the 31st minute 70 in 100 rows of half a minute are drawn to one place, some nine hundred.
   *
   * @param share of all rows that the area has otherwise
   * @param part of the surge that falls into the area
   */
  private static IntToDoubleFunction demo(double share, double part) {
    double usual = DEMO_PER_MINUTE * share;
    return minute -> minute == 30 ? usual + DEMO_PER_MINUTE * 0.5 * 0.7 * part : usual;
  }

  /** What is told of an area with so many accidents to expect in each minute. */
  private static List<Surge> surges(Random random, IntToDoubleFunction expected, int minutes) {
    AreaHistory area = new AreaHistory();
    List<Surge> told = new ArrayList<>();
    for (int i = 0; i < minutes; i++) {
      long count = poisson(random, expected.applyAsDouble(i));
      long end = START + (i + 1) * MINUTE_MS;
      if (count > 0) area.add(minute(end, count));
      if (count == 0 && area.surge == null) continue;
      Surge surge = area.judge(end);
      if (surge != null) told.add(surge);
    }
    return told;
  }

  private static AreaMinute minute(long end, long count) {
    AreaMinute minute = new AreaMinute();
    minute.state = "OH";
    minute.count = count;
    minute.end = end;
    return minute.startedAt(START);
  }

  /** Knuth's product of uniforms, in parts that do not underflow. */
  private static long poisson(Random random, double mean) {
    if (mean > 30) return poisson(random, 30) + poisson(random, mean - 30);
    double limit = Math.exp(-mean);
    long count = -1;
    for (double product = 1; product > limit; count++) product *= random.nextDouble();
    return count;
  }
}
