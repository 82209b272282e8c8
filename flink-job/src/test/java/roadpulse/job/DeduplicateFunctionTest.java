package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeduplicateFunctionTest {

  private static final long H = Duration.ofHours(24).toMillis();
  private static final long NOW = 1_800_000_000_000L;

  private KeyedOneInputStreamOperatorTestHarness<Tuple2<String, String>, Reading, Judged> harness;

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
  void theFirstAccidentOfAKeyIsUniqueAndCopiesUnderOtherIdsRepeatIt() throws Exception {
    assertThat(judge(accident(1, "A-1", NOW)).verdict).isEqualTo(Verdict.ON_TIME);
    Judged repeat = judge(accident(2, "A-2", NOW + 1));
    assertThat(repeat.verdict).isEqualTo(Verdict.REPEATED);
    assertThat(repeat.repeats).isEqualTo("A-1");
  }

  @Test
  void aLateAccidentIsUniqueToo() throws Exception {
    Reading late = accident(1, "A-1", NOW);
    late.late = true;
    assertThat(judge(late).verdict).isEqualTo(Verdict.LATE);
    assertThat(judge(accident(2, "A-2", NOW + 1)).verdict).isEqualTo(Verdict.REPEATED);
  }

  @Test
  void whatWasSentAgainIsResentWhateverItIs() throws Exception {
    judge(accident(1, "A-1", NOW));
    judge(accident(2, "A-2", NOW + 1));
    judge(rejected(3, NOW + 2));
    assertThat(judge(accident(1, "A-1", NOW + 3)).verdict).isEqualTo(Verdict.RESENT);
    assertThat(judge(accident(2, "A-2", NOW + 4)).verdict).isEqualTo(Verdict.RESENT);
    assertThat(judge(rejected(3, NOW + 5)).verdict).isEqualTo(Verdict.RESENT);
  }

  @Test
  void aRejectedRecordIsNeverTheFirstOfItsKey() throws Exception {
    assertThat(judge(rejected(1, NOW)).verdict).isEqualTo(Verdict.REJECTED);
    assertThat(judge(accident(2, "A-2", NOW + 1)).verdict).isEqualTo(Verdict.ON_TIME);
    assertThat(judge(rejected(3, NOW + 2)).verdict).isEqualTo(Verdict.REJECTED);
  }

  @Test
  void aDeadLetterThatIsFedInAgainIsNotResent() throws Exception {
    judge(rejected(1, NOW));
    Reading fixed = accident(1, "A-1", NOW + 1);
    fixed.attempt = 2;
    assertThat(judge(fixed).verdict).isEqualTo(Verdict.ON_TIME);
  }

  @Test
  void feedsDoNotMix() throws Exception {
    judge(accident(1, "A-1", NOW));
    Reading replayed = accident(1, "A-1", NOW + 1);
    replayed.feed = "replay-7";
    assertThat(judge(replayed).verdict).isEqualTo(Verdict.ON_TIME);
  }

  @Test
  void whatIsNobodysIsRejectedEachTimeAndKeepsNoState() throws Exception {
    Reading unknown = rejected(0, NOW);
    unknown.feed = Reading.UNKNOWN_FEED;
    assertThat(judge(unknown).verdict).isEqualTo(Verdict.REJECTED);
    assertThat(judge(unknown).verdict).isEqualTo(Verdict.REJECTED);
    assertThat(harness.numKeyedStateEntries()).isZero();
  }

  @Test
  void beyondHARepeatIsNewWhetherItsTimerHasRunOrNot() throws Exception {
    judge(accident(1, "A-1", NOW));
    assertThat(judge(accident(2, "A-2", NOW + H)).verdict).isEqualTo(Verdict.REPEATED);
    assertThat(judge(accident(3, "A-3", NOW + H + 1)).verdict).isEqualTo(Verdict.ON_TIME);
    assertThat(judge(accident(4, "A-4", NOW + H + 2)).repeats).isEqualTo("A-3");
  }

  @Test
  void stateIsDroppedWhenEventTimeHasPassedH() throws Exception {
    judge(accident(1, "A-1", NOW));
    judge(accident(2, "A-2", NOW + 120_000));
    harness.processWatermark(NOW + H + 60_000);
    assertThat(judge(accident(2, "A-2", NOW + 120_001)).verdict).isEqualTo(Verdict.RESENT);
    harness.processWatermark(NOW + H + 300_000);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void eachOfManyPutsUnderOneKeyIsRememberedAndForgotten() throws Exception {
    for (int seq = 1; seq <= 30; seq++) judge(accident(seq, "A-" + seq, NOW + seq * 60_000L));
    for (int seq = 1; seq <= 30; seq++) {
      assertThat(judge(accident(seq, "A-" + seq, NOW + H)).verdict).isEqualTo(Verdict.RESENT);
    }
    // Half of them are forgotten; what came in their place in the meantime is not.
    harness.processWatermark(NOW + H + 15 * 60_000L);
    for (int seq = 1; seq <= 30; seq++) {
      Verdict again = judge(rejected(seq, NOW + H + 15 * 60_000L + 1)).verdict;
      assertThat(again).isEqualTo(seq <= 15 ? Verdict.REJECTED : Verdict.RESENT);
    }
    harness.processWatermark(NOW + 3 * H);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void aRestoredOperatorRemembers() throws Exception {
    judge(accident(1, "A-1", NOW));
    OperatorSubtaskState snapshot = harness.snapshot(1, NOW);
    harness.close();
    harness = newHarness();
    harness.initializeState(snapshot);
    harness.open();
    assertThat(judge(accident(1, "A-1", NOW + 1)).verdict).isEqualTo(Verdict.RESENT);
    assertThat(judge(accident(2, "A-2", NOW + 2)).repeats).isEqualTo("A-1");
    harness.processWatermark(NOW + H + 60_000);
    assertThat(harness.numKeyedStateEntries()).isZero();
  }

  private static KeyedOneInputStreamOperatorTestHarness<Tuple2<String, String>, Reading, Judged>
      newHarness() throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new DeduplicateFunction(H)),
        reading -> Tuple2.of(reading.feed, reading.partitionKey),
        Types.TUPLE(Types.STRING, Types.STRING));
  }

  private Judged judge(Reading reading) throws Exception {
    harness.processElement(reading, reading.eventTime);
    List<Judged> all = harness.extractOutputValues();
    return all.get(all.size() - 1);
  }

  private static Reading accident(long seq, String id, long arrivedAt) {
    Reading reading = reading(seq, arrivedAt);
    reading.accident = new Accident();
    reading.accident.accidentId = id;
    return reading;
  }

  private static Reading rejected(long seq, long arrivedAt) {
    Reading reading = reading(seq, arrivedAt);
    reading.rejection = new Rejection();
    return reading;
  }

  private static Reading reading(long seq, long arrivedAt) {
    Reading reading = new Reading();
    reading.feed = "live-1";
    reading.seq = seq;
    reading.attempt = 1;
    reading.partitionKey = "key";
    reading.eventTime = arrivedAt - 1_000;
    reading.arrivedAt = arrivedAt;
    return reading;
  }
}
