package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Bytes that are in checkpoints out there: what one version wrote, every later one must read. */
class StateSerializersTest {

  private final KinesisShardSplitSerializer splits = new KinesisShardSplitSerializer();
  private final KinesisStreamsSourceEnumeratorStateSerializer enumerators =
      new KinesisStreamsSourceEnumeratorStateSerializer();
  private final KinesisStreamsStateSerializer sinks = new KinesisStreamsStateSerializer();

  @Test
  void aSplitComesBackAtEachKindOfPosition() throws IOException {
    for (ShardPosition position :
        List.of(ShardPosition.TRIM_HORIZON, ShardPosition.after("42"), ShardPosition.SHARD_END)) {
      KinesisShardSplit split = new KinesisShardSplit("shardId-1", position, 1_800_000_000_000L);
      assertThat(splits.deserialize(1, splits.serialize(split))).isEqualTo(split);
    }
  }

  @Test
  void aSplitOfVersion1CanStillBeRead() throws IOException {
    byte[] written =
        HexFormat.of()
            .parseHex("0009" + hex("shardId-1") + "01" + "0002" + hex("42") + "000001a3185c5000");
    assertThat(splits.deserialize(1, written))
        .isEqualTo(
            new KinesisShardSplit("shardId-1", ShardPosition.after("42"), 1_800_000_000_000L));
  }

  @Test
  void theEnumeratorsStateComesBackWithItsStream() throws IOException {
    var state = new KinesisStreamsSourceEnumeratorState("raw", Set.of("shardId-1"));
    assertThat(enumerators.deserialize(enumerators.getVersion(), enumerators.serialize(state)))
        .isEqualTo(state);
  }

  @Test
  void enumeratorStateOfVersion1CanStillBeRead() throws IOException {
    byte[] written = HexFormat.of().parseHex("00000001" + "0009" + hex("shardId-1"));
    assertThat(enumerators.deserialize(1, written))
        .isEqualTo(new KinesisStreamsSourceEnumeratorState(null, Set.of("shardId-1")));
  }

  @Test
  void enumeratorStateOfVersion2CanStillBeRead() throws IOException {
    byte[] written =
        HexFormat.of().parseHex("0003" + hex("raw") + "00000001" + "0009" + hex("shardId-1"));
    assertThat(enumerators.deserialize(2, written))
        .isEqualTo(new KinesisStreamsSourceEnumeratorState("raw", Set.of("shardId-1")));
  }

  @Test
  void stateOfALaterProgramIsRefusedBeforeItIsTakenForSomethingElse() throws IOException {
    byte[] split = splits.serialize(KinesisShardSplit.unread("shardId-1"));
    byte[] state = HexFormat.of().parseHex("00000000");
    byte[] records = sinks.serialize(new BufferedRequestState<>(List.of()));
    for (ThrowingCallable later :
        List.<ThrowingCallable>of(
            () -> splits.deserialize(splits.getVersion() + 1, split),
            () -> enumerators.deserialize(enumerators.getVersion() + 1, state),
            () -> sinks.deserialize(sinks.getVersion() + 1, records))) {
      assertThatThrownBy(later)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("knows versions up to")
          .hasMessageContaining("start the program that wrote the checkpoint");
    }
  }

  @Test
  void unsentRecordsOfTheSinkComeBackWithKeyAndBytes() throws IOException {
    PutRecordsRequestEntry entry =
        PutRecordsRequestEntry.builder()
            .partitionKey("key ü")
            .data(SdkBytes.fromUtf8String("data"))
            .build();
    byte[] bytes =
        sinks.serialize(new BufferedRequestState<>(List.of(new RequestEntryWrapper<>(entry, 10))));
    var restored = sinks.deserialize(sinks.getVersion(), bytes);
    assertThat(restored.getBufferedRequestEntries())
        .singleElement()
        .satisfies(
            wrapper -> {
              assertThat(wrapper.getRequestEntry()).isEqualTo(entry);
              assertThat(wrapper.getSize()).isEqualTo(10);
            });
  }

  private static String hex(String ascii) {
    return HexFormat.of().formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
