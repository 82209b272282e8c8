package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static roadpulse.job.AreaMinute.MINUTE_MS;

import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FeedStartFunctionTest {

  /** The beginning of a minute. */
  private static final long START = 1_800_000_000_000L;

  private KeyedOneInputStreamOperatorTestHarness<String, AreaMinute, AreaMinute> harness;

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
  void theFirstMinuteIsTheFeedsFirstEvenWhenALaterOneComesBeforeIt() throws Exception {
    put("live-1", "TX", 3);
    put("live-1", "OH", 1);
    put("live-1", "CA", 2);
    assertThat(told()).isEmpty();
    passMinute(3);
    assertThat(told())
        .extracting(minute -> minute.area, minute -> minute.feedStart)
        .containsExactly(tuple("OH", START), tuple("CA", START), tuple("TX", START));
  }

  @Test
  void eachFeedHasItsOwnStart() throws Exception {
    put("live-1", "TX", 1);
    put("replay-7", "TX", 5);
    passMinute(5);
    assertThat(told())
        .extracting(minute -> minute.feedStart)
        .containsExactly(START, START + 4 * MINUTE_MS);
  }

  @Test
  void whatAMinuteHoldsIsUnchanged() throws Exception {
    put("live-1", "TX", 1);
    passMinute(1);
    assertThat(told())
        .singleElement()
        .usingRecursiveComparison()
        .isEqualTo(minute("live-1", "TX", 1).startedAt(START));
  }

  @Test
  void aFeedThatWasSilentForLongBeginsAnewAndKeepsNoState() throws Exception {
    long silence = SurgeRules.FEED_SILENCE_MS / MINUTE_MS;
    put("live-1", "TX", 1);
    passMinute(1);
    put("live-1", "TX", silence);
    passMinute(2 * silence - 1);
    assertThat(told().get(1).feedStart).isEqualTo(START);
    passMinute(2 * silence);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();

    put("live-1", "TX", 2 * silence + 1);
    passMinute(2 * silence + 1);
    assertThat(told().get(2).feedStart).isEqualTo(START + 2 * silence * MINUTE_MS);
  }

  @Test
  void whetherAFeedWasSilentIsDecidedByItsMinutesAndNotByTheWatermark() throws Exception {
    long silence = SurgeRules.FEED_SILENCE_MS / MINUTE_MS;
    put("live-1", "TX", 1);
    put("live-1", "TX", silence + 1);
    passMinute(silence + 1);
    assertThat(told().get(1).feedStart).isEqualTo(START + silence * MINUTE_MS);
  }

  @Test
  void aWatermarkThatLeapsOverADayForgetsNoMinuteThatEndsWhenTheFeedWouldBeSilent()
      throws Exception {
    long silence = SurgeRules.FEED_SILENCE_MS / MINUTE_MS;
    put("live-1", "TX", 1);
    put("live-1", "TX", 2);
    put("live-1", "TX", silence + 1);
    passMinute(4 * silence);
    assertThat(told()).hasSize(3);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void aRestoredOperatorKnowsTheStartAndTheMinutesThatWait() throws Exception {
    put("live-1", "TX", 1);
    passMinute(1);
    put("live-1", "OH", 2);
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();
    harness = newHarness();
    harness.initializeState(snapshot);
    harness.open();
    passMinute(2);
    assertThat(told())
        .singleElement()
        .satisfies(minute -> assertThat(minute.feedStart).isEqualTo(START));
  }

  private void put(String feed, String area, long minute) throws Exception {
    harness.processElement(minute(feed, area, minute), 0);
  }

  /** Minutes count from 1. */
  private static AreaMinute minute(String feed, String area, long number) {
    AreaMinute minute = new AreaMinute();
    minute.feed = feed;
    minute.areaKind = "state";
    minute.area = area;
    minute.state = area;
    minute.count = 2;
    minute.end = START + number * MINUTE_MS;
    return minute;
  }

  private void passMinute(long number) throws Exception {
    harness.processWatermark(START + number * MINUTE_MS - 1);
  }

  private List<AreaMinute> told() {
    return harness.extractOutputValues();
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, AreaMinute, AreaMinute> newHarness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new FeedStartFunction()), minute -> minute.feed, Types.STRING);
  }
}
