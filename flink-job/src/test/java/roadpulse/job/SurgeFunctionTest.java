package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static roadpulse.job.AreaMinute.MINUTE_MS;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SurgeFunctionTest {

  /** When the feed began. */
  private static final long START = 1_800_000_000_000L;

  private static final long HOUR = 60;

  private KeyedOneInputStreamOperatorTestHarness<Tuple3<String, String, String>, AreaMinute, Surge>
      harness;

  @BeforeEach
  void open() throws Exception {
    harness = newHarness();
    harness.open();
  }

  @AfterEach
  void close() throws Exception {
    harness.close();
  }

  @Test
  void aSurgeIsToldWhenItStartsAndWhenItIsOverAndInBetweenNot() throws Exception {
    putEach(1, 2 * HOUR, 2);
    putEach(121, 123, 30);
    putEach(124, 3 * HOUR, 2);
    List<Surge> told = told();
    assertThat(told).hasSize(2);

    Surge started = told.get(0);
    assertThat(started.feed).isEqualTo("live-1");
    assertThat(started.areaKind).isEqualTo("state");
    assertThat(started.area).isEqualTo("OH");
    assertThat(started.startedAt).isEqualTo(endOf(121)).isEqualTo(started.windowEnd);
    assertThat(started.endedAt).isNull();
    assertThat(started.count).isEqualTo(4 * 2 + 30);
    assertThat(started.expected).isBetween(10.0, 10.2);
    assertThat(started.surprise).isBetween(8.0, 12.0);

    Surge ended = told.get(1);
    assertThat(ended.startedAt).isEqualTo(endOf(121));
    // The last minute of 30 has left the five, and twelve are below half of three times ten.
    assertThat(ended.endedAt).isEqualTo(endOf(128)).isEqualTo(ended.windowEnd);
    assertThat(ended.count).isEqualTo(3 * 30 + 2 * 2);
    assertThat(ended.expected).isEqualTo(started.expected);
    assertThat(ended.surprise).isGreaterThan(started.surprise);
  }

  @Test
  void aCountThatSwingsAboutTheFactorDoesNotFlap() throws Exception {
    putEach(1, 2 * HOUR, 2);
    // Twenty to forty in five minutes, where ten are expected at first.
    for (int i = 0; i < 20; i++) put(121 + i, i % 10 < 5 ? 8 : 4);
    passMinute(3 * HOUR);
    assertThat(told()).hasSize(2);
  }

  @Test
  void fiveAccidentsInACellThatNeverHadOneAreNoSurge() throws Exception {
    put(12 * HOUR, 5);
    passMinute(13 * HOUR);
    assertThat(told()).isEmpty();
  }

  @Test
  void sixAccidentsInACellThatNeverHadOneAreASurgeUntilTheyAreOver() throws Exception {
    for (long minute = 12 * HOUR; minute < 12 * HOUR + 4; minute++) put(minute, 1);
    put(12 * HOUR + 4, 2);
    passMinute(13 * HOUR);
    assertThat(told()).hasSize(2);
    assertThat(told().get(0).startedAt).isEqualTo(endOf(12 * HOUR + 4));
    assertThat(told().get(1).endedAt).isEqualTo(endOf(12 * HOUR + 8));
  }

  @Test
  void aWatermarkThatLeapsOverHoursForgetsNoMinuteThatEndsWhenTheBaselineWouldHaveFaded()
      throws Exception {
    long faded = 1 + (SurgeRules.WINDOW_MS + SurgeRules.msUntilFaded(1)) / MINUTE_MS;
    put(1, 1);
    put(2, 1);
    put(faded, 6);
    passMinute(12 * HOUR);
    assertThat(told()).isNotEmpty();
    assertThat(told().get(0).startedAt).isEqualTo(endOf(faded));
  }

  @Test
  void minutesBeforeTheAreasFirstAccidentCountAsFarBackAsTheFeedGoes() throws Exception {
    put(20, 6);
    passMinute(30);
    assertThat(told()).as("after 15 minutes without an accident six may be chance").isEmpty();
    harness.close();
    open();
    put(4 * HOUR, 6);
    passMinute(5 * HOUR);
    assertThat(told()).as("after four hours without one they are not").hasSize(2);
  }

  @Test
  void minutesWithoutAccidentsLowerWhatIsExpected() throws Exception {
    putEach(1, HOUR, 10);
    put(2 * HOUR, 100);
    passMinute(2 * HOUR);
    double afterAnHour = told().get(0).expected;
    assertThat(afterAnHour).isBetween(10.0, 13.0);
  }

  @Test
  void nothingIsJudgedBeforeTheFeedIsWarm() throws Exception {
    put(2, 1);
    put(9, 10_000);
    passMinute(9);
    assertThat(told()).isEmpty();
    put(10, 1);
    passMinute(10);
    assertThat(told()).hasSize(1);
  }

  @Test
  void aFewOfAVeryLargeNumberAreNoSurgeAlthoughTheyAreBeyondChance() throws Exception {
    putEach(1, 2 * HOUR, 1_000);
    putEach(121, 130, 2_500);
    passMinute(140);
    assertThat(told()).isEmpty();
  }

  @Test
  void aLongSurgeBecomesTheBaseline() throws Exception {
    putEach(1, 2 * HOUR, 2);
    putEach(121, 6 * HOUR, 30);
    List<Surge> told = told();
    assertThat(told).hasSize(2);
    assertThat(told.get(1).endedAt).isBetween(endOf(130), endOf(180));
  }

  @Test
  void theStateOfACellIsTheFirstAmongTheFiveMinutes() throws Exception {
    putIn("OH", 12 * HOUR - 5, 1);
    putIn("KY", 12 * HOUR - 2, 1);
    putIn("IN", 12 * HOUR, 20);
    putIn("AL", 12 * HOUR + 1, 1);
    passMinute(13 * HOUR);
    assertThat(told()).hasSize(2).allSatisfy(surge -> assertThat(surge.state).isEqualTo("IN"));
  }

  @Test
  void stateAndTimersEndWhenTheBaselineHasFaded() throws Exception {
    put(100, 1);
    passMinute(100 + 2 * HOUR);
    assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    assertThat(harness.numEventTimeTimers()).isEqualTo(1);
    passMinute(100 + 3 * HOUR);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
    put(1_000, 5);
    passMinute(1_001);
    assertThat(told()).as("anew, and without an alarm").isEmpty();
  }

  @Test
  void aBusyAreaKeepsOneTimerAndFadesWithinHalfADay() throws Exception {
    putEach(1, 3 * HOUR, 700);
    assertThat(harness.numEventTimeTimers()).isEqualTo(1);
    passMinute(3 * HOUR + 12 * HOUR);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void aSurgeThatIsOnWhenTheFeedEndsIsToldToBeOver() throws Exception {
    putEach(1, 2 * HOUR, 2);
    put(121, 100);
    passMinute(40 * HOUR);
    assertThat(told()).hasSize(2);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void theCountsAloneDecideHoweverTheWatermarkMovesAndWhereverARestartFalls() throws Exception {
    for (int seed = 0; seed < 30; seed++) {
      long[] counts = counts(new Random(seed), 12 * (int) HOUR);
      List<String> each = replay(counts, new Random(0), 1, false);
      assertThat(each).as("something happens").isNotEmpty();
      assertThat(replay(counts, new Random(seed), 20, false)).isEqualTo(each);
      assertThat(replay(counts, new Random(seed), 400, true)).isEqualTo(each);
    }
  }

  /** Quiet hours, busy hours and bursts. */
  private static long[] counts(Random random, int minutes) {
    long[] counts = new long[minutes];
    for (int i = 0; i < minutes; i++) {
      boolean isBusy = i / 180 % 2 == 0;
      if (random.nextInt(isBusy ? 2 : 60) == 0) counts[i] = 1 + random.nextInt(3);
      if (random.nextInt(100) == 0) counts[i] += random.nextInt(60);
    }
    return counts;
  }

  /**
   * What is told when the watermark moves by up to so many minutes at once, a day beyond the end.
   */
  private List<String> replay(long[] counts, Random random, int step, boolean restarts)
      throws Exception {
    harness.close();
    open();
    List<String> told = new ArrayList<>();
    int passed = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) put(i + 1, counts[i]);
      if (i + 1 - passed >= 1 + random.nextInt(step)) {
        passed = i + 1;
        if (restarts && random.nextBoolean()) restart(told);
        passMinute(passed);
      }
    }
    passMinute(counts.length + 24 * HOUR);
    told().forEach(surge -> told.add(describe(surge)));
    assertThat(harness.numKeyedStateEntries()).isZero();
    return told;
  }

  private void restart(List<String> told) throws Exception {
    told().forEach(surge -> told.add(describe(surge)));
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    harness = newHarness();
    harness.initializeState(snapshot);
    harness.open();
  }

  private static String describe(Surge surge) {
    return "%d %d %d %s %s"
        .formatted(surge.startedAt, surge.endedAt, surge.count, surge.expected, surge.surprise);
  }

  private void putEach(long first, long last, long count) throws Exception {
    for (long minute = first; minute <= last; minute++) {
      put(minute, count);
      passMinute(minute);
    }
  }

  /** Minutes count from 1. */
  private void put(long number, long count) throws Exception {
    putIn("OH", number, count);
  }

  private void putIn(String state, long number, long count) throws Exception {
    AreaMinute minute = new AreaMinute();
    minute.feed = "live-1";
    minute.areaKind = "state";
    minute.area = "OH";
    minute.state = state;
    minute.count = count;
    minute.end = endOf(number);
    harness.processElement(minute.startedAt(START), 0);
  }

  private void passMinute(long number) throws Exception {
    harness.processWatermark(endOf(number) - 1);
  }

  private static long endOf(long minute) {
    return START + minute * MINUTE_MS;
  }

  private List<Surge> told() {
    return harness.extractOutputValues();
  }

  private static KeyedOneInputStreamOperatorTestHarness<
          Tuple3<String, String, String>, AreaMinute, Surge>
      newHarness() throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new SurgeFunction()),
        minute -> Tuple3.of(minute.feed, minute.areaKind, minute.area),
        Types.TUPLE(Types.STRING, Types.STRING, Types.STRING));
  }
}
