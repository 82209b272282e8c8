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
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/** Bytes that are in checkpoints out there: what one version wrote, every later one must read. */
class StateSerializersTest {

  private final KinesisShardSplitSerializer splits = new KinesisShardSplitSerializer();

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
  void aSplitOfALaterProgramIsRefused() {
    assertThatThrownBy(() -> splits.deserialize(2, new byte[0])).isInstanceOf(IOException.class);
  }

  @Test
  void enumeratorStateOfVersion1CanStillBeRead() throws IOException {
    var serializer = new KinesisStreamsSourceEnumeratorStateSerializer();
    var state = new KinesisStreamsSourceEnumeratorState(Set.of("shardId-1"));
    byte[] written = HexFormat.of().parseHex("00000001" + "0009" + hex("shardId-1"));
    assertThat(serializer.serialize(state)).isEqualTo(written);
    assertThat(serializer.deserialize(1, written)).isEqualTo(state);
  }

  @Test
  void unsentRecordsOfTheSinkComeBackWithKeyAndBytes() throws IOException {
    var serializer = new KinesisStreamsStateSerializer();
    PutRecordsRequestEntry entry =
        PutRecordsRequestEntry.builder()
            .partitionKey("key ü")
            .data(SdkBytes.fromUtf8String("data"))
            .build();
    byte[] bytes =
        serializer.serialize(
            new BufferedRequestState<>(List.of(new RequestEntryWrapper<>(entry, 10))));
    var restored = serializer.deserialize(serializer.getVersion(), bytes);
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
