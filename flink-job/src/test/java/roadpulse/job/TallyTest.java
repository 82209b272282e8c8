package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The counting operator and the tally behind it. */
class TallyTest {

  private static final long NOW = 1_800_000_000_000L;

  @Test
  void countsGoOutInFrontOfABarrierAndAreNotCountedTwice() throws Exception {
    try (var harness = new OneInputStreamOperatorTestHarness<>(new CountVerdictsOperator())) {
      harness.open();
      harness.processElement(new StreamRecord<>(judged("live-1", Verdict.ON_TIME)));
      harness.processElement(new StreamRecord<>(judged("live-1", Verdict.RESENT)));
      assertThat(harness.extractOutputValues()).isEmpty();
      harness.prepareSnapshotPreBarrier(1);
      harness.prepareSnapshotPreBarrier(2);
      assertThat(harness.extractOutputValues())
          .singleElement()
          .satisfies(
              counts -> {
                assertThat(counts.in()).isEqualTo(2);
                assertThat(counts.onTime).isEqualTo(1);
                assertThat(counts.resent).isEqualTo(1);
              });
    }
  }

  @Test
  void aWatermarkDoesNotOvertakeTheCountsThatItCovers() throws Exception {
    try (var harness = new OneInputStreamOperatorTestHarness<>(new CountVerdictsOperator())) {
      harness.open();
      harness.processElement(new StreamRecord<>(judged("live-1", Verdict.LATE)));
      harness.processWatermark(NOW);
      assertThat(harness.getOutput().peek()).isInstanceOf(StreamRecord.class);
    }
  }

  @Test
  void countsGoOutWithinASecondWhenTheWatermarkStandsStill() throws Exception {
    try (var harness = new OneInputStreamOperatorTestHarness<>(new CountVerdictsOperator())) {
      harness.open();
      harness.processElement(new StreamRecord<>(judged("live-1", Verdict.LATE)));
      harness.processElement(new StreamRecord<>(judged("live-2", Verdict.LATE)));
      harness.setProcessingTime(1_000);
      assertThat(harness.extractOutputValues()).hasSize(2);
    }
  }

  @Test
  void aTallyComesWithinASecondOfAChangeHoweverManyChangesThereWere() throws Exception {
    try (var harness = tally()) {
      harness.open();
      harness.setProcessingTime(NOW);
      for (int i = 0; i < 5; i++) harness.processElement(new StreamRecord<>(delta(1, 0, NOW)));
      harness.setProcessingTime(NOW + 1_000);
      assertThat(tallies(harness))
          .singleElement()
          .satisfies(
              tally -> {
                assertThat(tally.at("/payload/counts/on_time").asInt()).isEqualTo(5);
                assertThat(tally.at("/payload/watermark").asLong()).isZero();
              });
    }
  }

  @Test
  void aTallyComesOnceMoreWhenTheWatermarkHasPassedTheLastRecord() throws Exception {
    try (var harness = tally()) {
      harness.open();
      harness.setProcessingTime(NOW);
      harness.processElement(new StreamRecord<>(delta(1, 0, NOW)));
      harness.processElement(new StreamRecord<>(delta(1, 1, NOW + 5_000)));
      harness.setProcessingTime(NOW + 1_000);
      harness.processWatermark(NOW + 4_999);
      assertThat(tallies(harness)).hasSize(1);
      harness.processWatermark(NOW + 5_000);
      assertThat(tallies(harness)).hasSize(2);
      assertThat(tallies(harness).get(1).at("/payload/watermark").asLong()).isEqualTo(NOW + 5_000);
      harness.processWatermark(NOW + 50_000);
      assertThat(tallies(harness)).hasSize(2);
    }
  }

  @Test
  void aRestoredTallyGoesOnFromItsCounts() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = tally()) {
      harness.open();
      harness.processElement(new StreamRecord<>(delta(3, 1, NOW)));
      snapshot = harness.snapshot(1, NOW);
    }
    try (var harness = tally()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.setProcessingTime(NOW);
      harness.processElement(new StreamRecord<>(delta(2, 0, NOW + 1)));
      harness.setProcessingTime(NOW + 1_000);
      List<JsonNode> tallies = tallies(harness);
      JsonNode last = tallies.get(tallies.size() - 1);
      assertThat(last.at("/payload/counts/in").asInt()).isEqualTo(6);
    }
  }

  @Test
  void theCountsOfAFeedEndAWeekAfterItsLastRecord() throws Exception {
    try (var harness = tally()) {
      harness.open();
      harness.setProcessingTime(NOW);
      harness.processElement(new StreamRecord<>(delta(1, 0, NOW)));
      harness.setProcessingTime(NOW + 1_000);
      harness.processWatermark(NOW + Duration.ofDays(7).toMillis() - 1);
      assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
      harness.processWatermark(NOW + Duration.ofDays(7).toMillis());
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, FeedCounts, Envelope> tally()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new TallyFunction()), counts -> counts.feed, Types.STRING);
  }

  private static List<JsonNode> tallies(
      KeyedOneInputStreamOperatorTestHarness<String, FeedCounts, Envelope> harness) {
    return harness.extractOutputValues().stream().map(TallyTest::parse).toList();
  }

  private static JsonNode parse(Envelope envelope) {
    try {
      return EventSchemas.parse(envelope.json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FeedCounts delta(long onTime, long late, long lastArrivedAt) {
    FeedCounts counts = new FeedCounts("live-1");
    counts.onTime = onTime;
    counts.late = late;
    counts.lastArrivedAt = lastArrivedAt;
    counts.lastEventTime = lastArrivedAt - 1_000;
    return counts;
  }

  private static Judged judged(String feed, Verdict verdict) {
    Reading reading = new Reading();
    reading.feed = feed;
    reading.arrivedAt = NOW;
    return new Judged(verdict, reading, null);
  }
}
