package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/** Where the source would lose records or stand still, it fails and says so. */
class SourceFailureTest {

  private final ManualTime time = new ManualTime(1_800_000_000_000L);
  private final Map<String, Long> eventTimes = new HashMap<>();
  private final FakeStream stream = new FakeStream(time, 2);

  @Test
  void aStreamThatDoesNotExistIsFatal() {
    stream.delete();
    SimulatedSource source = source(null);
    assertThatThrownBy(() -> source.run(Duration.ofSeconds(10)))
        .isInstanceOf(MissingStreamException.class)
        .hasCauseInstanceOf(ResourceNotFoundException.class);
  }

  @Test
  void aStreamThatIsDeletedWhileItIsReadIsFatalAndNotAnEndOfItsShards() throws Exception {
    SimulatedSource source = source(null);
    source.run(Duration.ofSeconds(11));
    stream.delete();
    // Before the next listing: it is a reader that finds out.
    assertThatThrownBy(() -> source.run(Duration.ofSeconds(1)))
        .hasMessageContaining("cannot be read")
        .hasCauseInstanceOf(MissingStreamException.class);
    for (byte[] split : source.snapshot().splits()) {
      assertThat(new KinesisShardSplitSerializer().deserialize(1, split).position().isEnd())
          .isFalse();
    }
  }

  @Test
  void aStreamThatIsStillBeingMadeOrWhoseListingIsThrottledIsWaitedFor() throws Exception {
    stream.failNextListing(ResourceInUseException.builder().message("creating").build());
    stream.failNextListing(LimitExceededException.builder().message("slow down").build());
    put();
    SimulatedSource source = source(null);
    source.run(Duration.ofSeconds(10));
    assertThat(source.received()).hasSize(1);
  }

  @Test
  void aCheckpointOlderThanTheRetentionIsNotReadOnFromTheOldestRecordThatIsLeft() throws Exception {
    SimulatedSource before = source(null);
    put();
    before.run(Duration.ofSeconds(10));
    SimulatedSource.Snapshot checkpoint = before.snapshot();
    before.stop();
    time.advance(Duration.ofHours(25));
    put();
    SimulatedSource after = source(checkpoint);
    assertThatThrownBy(() -> after.run(Duration.ofSeconds(10)))
        .hasCauseInstanceOf(CheckpointTooOldException.class)
        .rootCause()
        .hasMessageContaining("records are lost to this job");
    assertThat(after.received()).isEmpty();
  }

  @Test
  void aShardThatExpiresWhileItIsReadIsFatal() throws Exception {
    SimulatedSource source = source(null);
    source.run(Duration.ofSeconds(5));
    String shard = stream.openShards().get(0);
    stream.expire(shard);
    assertThatThrownBy(() -> source.run(Duration.ofSeconds(11)))
        .isInstanceOf(CheckpointTooOldException.class)
        .hasMessageContaining(shard);
  }

  @Test
  void aFinishedShardThatAListingLeavesOutForOnceIsNotReadAgain() throws Exception {
    SimulatedSource source = source(null);
    put();
    source.run(Duration.ofSeconds(5));
    String parent = stream.openShards().get(0);
    stream.split(parent, 0);
    source.run(Duration.ofSeconds(30));
    stream.expire(parent);
    source.run(Duration.ofSeconds(11));
    stream.listAgain(parent);
    source.run(Duration.ofSeconds(30));
    List<String> records = source.received();
    assertThat(records).hasSize(1);
  }

  private SimulatedSource source(SimulatedSource.Snapshot restored) {
    return new SimulatedSource(
        time, stream, 2, eventTimes, new HashMap<>(), new Random(1), restored);
  }

  /** Into the first shard. */
  private void put() {
    eventTimes.put(stream.put("a", new byte[0], 0), time.millis());
  }
}
