package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadPaceTest {

  private static final long MIB = 1024 * 1024;

  @Test
  void atMostFiveCallsASecond() {
    assertThat(new ReadPace(1).intervalAfter(0, false)).isEqualTo(200);
  }

  @Test
  void aShardAtItsTipIsAskedFourTimesASecond() {
    assertThat(new ReadPace(1).intervalAfter(100, true)).isEqualTo(250);
  }

  @Test
  void atMostTwoMebibytesASecond() {
    assertThat(new ReadPace(1).intervalAfter(10 * MIB, false)).isEqualTo(5_000);
  }

  @Test
  void theShareOfOtherReadersIsLeftToThem() {
    assertThat(new ReadPace(0.5).intervalAfter(0, false)).isEqualTo(400);
    assertThat(new ReadPace(0.5).intervalAfter(2 * MIB, false)).isEqualTo(2_000);
  }
}
