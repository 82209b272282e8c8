package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A job that goes on from what an earlier program, or a job of another stream, left behind. */
class StateUpgradeTest {

  private static final long NOW = 1_800_000_000_000L;

  /** As version 1 wrote them: shard 0 is finished, one record of each of its children was read. */
  private static final String ENUMERATOR_1 = "000000010014736861726449642d303030303030303030303030";

  private static final List<String> SPLITS_1 =
      List.of(
          "0014736861726449642d303030303030303030303031"
              + "0100143030303030303030303030303030303030303033000001a3185c4c18",
          "0014736861726449642d303030303030303030303032"
              + "0100143030303030303030303030303030303030303034000001a3185c4c18");

  private final ManualTime time = new ManualTime(NOW);
  private final FakeStream stream = new FakeStream(time, 1);
  private final Map<String, Long> eventTimes = new HashMap<>();

  @Test
  void aCheckpointOfVersion1IsReadOnFromWhereItWas() throws Exception {
    put("left", "right");
    stream.split(stream.openShards().get(0), 0);
    put("left", "right");
    List<String> unread = put("left", "right", "left");

    SimulatedSource source = restore(stateOfVersion1());
    source.run(Duration.ofSeconds(30));
    assertThat(source.received()).containsExactlyInAnyOrderElementsOf(unread);
    assertThat(source.watermark()).isGreaterThan(NOW - 42_000);

    SimulatedSource.Snapshot written = source.snapshot();
    assertThat(written.enumeratorVersion()).isEqualTo(2);
    source.stop();
    List<String> later = put("left", "right");
    SimulatedSource next = restore(written);
    next.run(Duration.ofSeconds(30));
    assertThat(next.received()).containsExactlyInAnyOrderElementsOf(later);
  }

  @Test
  void stateOfAnotherStreamIsNotTakenForThisOnes() throws IOException {
    KinesisStreamsSource<String> source =
        new KinesisStreamsSource<>("us-east-1", "raw-2", () -> stream, null, null);
    var state = new KinesisStreamsSourceEnumeratorState("raw-1", Set.of());
    assertThatThrownBy(() -> source.restoreEnumerator(null, state))
        .isInstanceOf(StateOfAnotherStreamException.class)
        .hasMessageContaining("is of the stream raw-1")
        .hasMessageContaining("told to read raw-2")
        .hasMessageContaining("another uid");
  }

  private static SimulatedSource.Snapshot stateOfVersion1() {
    HexFormat hex = HexFormat.of();
    return new SimulatedSource.Snapshot(
        1, hex.parseHex(ENUMERATOR_1), 1, SPLITS_1.stream().map(hex::parseHex).toList(), null);
  }

  private SimulatedSource restore(SimulatedSource.Snapshot state) {
    return new SimulatedSource(time, stream, 2, eventTimes, new HashMap<>(), new Random(1), state);
  }

  /** Puts records whose keys belong to the left or the right half of the stream. */
  private List<String> put(String... halves) {
    List<String> sequences = new ArrayList<>();
    for (String half : halves) {
      String sequence = stream.put(half.equals("left") ? "a" : "zz", new byte[0], 0);
      eventTimes.put(sequence, time.millis());
      sequences.add(sequence);
    }
    return sequences;
  }
}
