package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final int DRAWS = 1_000;

  @Test
  void delaysAreDrawnFromAllUpToACeilingThatDoubles() {
    assertThat(delaysOfAttempt(1)).satisfies(all -> assertFill(all, 100));
    assertThat(delaysOfAttempt(2)).satisfies(all -> assertFill(all, 200));
    assertThat(delaysOfAttempt(6)).satisfies(all -> assertFill(all, 3_200));
  }

  @Test
  void noDelayIsLongerThanFiveSecondsHoweverManyAttemptsFailed() {
    assertThat(delaysOfAttempt(7)).satisfies(all -> assertFill(all, 5_000));
    assertThat(delaysOfAttempt(100)).satisfies(all -> assertFill(all, 5_000));
  }

  @Test
  void aResetBeginsAtTheFirstCeiling() {
    LongSummaryStatistics delays =
        LongStream.range(0, DRAWS)
            .map(
                any -> {
                  Backoff backoff = failed(10);
                  backoff.reset();
                  return backoff.next();
                })
            .summaryStatistics();
    assertFill(delays, 100);
  }

  private static LongSummaryStatistics delaysOfAttempt(int attempt) {
    return LongStream.range(0, DRAWS).map(any -> failed(attempt - 1).next()).summaryStatistics();
  }

  private static Backoff failed(int attempts) {
    Backoff backoff = new Backoff();
    for (int i = 0; i < attempts; i++) backoff.next();
    return backoff;
  }

  /** Of a thousand draws from 0 to {@code ceiling} the ends come nearer than a tenth. */
  private static void assertFill(LongSummaryStatistics delays, long ceiling) {
    assertThat(delays.getMin()).isBetween(0L, ceiling / 10);
    assertThat(delays.getMax()).isBetween(ceiling * 9 / 10, ceiling);
    assertThat(delays.getAverage()).isBetween(ceiling * 0.4, ceiling * 0.6);
  }
}
