package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.model.Record;

/** How far behind a shard is said to be. */
class OwnedShardTest {

  private static final long NOW = 1_800_000_000_000L;
  private static final String SHARD = "shardId-000000000000";

  private final ManualTime time = new ManualTime(NOW);

  @Test
  void aShardThatWasReadToItsTipIsNotBehindAndFallsBehindWhenItStandsStill() {
    OwnedShard shard = shard(KinesisShardSplit.unread(SHARD));
    emit(shard, new ShardPage(SHARD, arrivedAt(NOW - 50_000), NOW, 0, false, false));
    assertThat(shard.millisBehindLatest()).isZero();
    time.advance(Duration.ofMinutes(2));
    assertThat(shard.millisBehindLatest()).isEqualTo(120_000);
  }

  @Test
  void whatIsLeftToReadCountsByItsArrivalAlthoughAStandInSaysNothingIsLeft() {
    OwnedShard shard = shard(KinesisShardSplit.unread(SHARD));
    emit(shard, new ShardPage(SHARD, arrivedAt(NOW - 50_000), NOW, 0, true, false));
    assertThat(shard.millisBehindLatest()).isEqualTo(50_000);
  }

  @Test
  void kinesisIsBelievedWhenItSaysMore() {
    OwnedShard shard = shard(KinesisShardSplit.unread(SHARD));
    emit(shard, new ShardPage(SHARD, List.of(), NOW, 70_000, true, false));
    assertThat(shard.millisBehindLatest()).isEqualTo(70_000);
  }

  @Test
  void aRestoredShardIsBehindByThePause() {
    ShardPosition position = ShardPosition.after("1");
    assertThat(shard(new KinesisShardSplit(SHARD, position, NOW - 9_000)).millisBehindLatest())
        .isEqualTo(9_000);
  }

  @Test
  void aShardThatHasEndedIsNotBehindHoweverLongItIsKept() {
    OwnedShard shard = shard(KinesisShardSplit.unread(SHARD));
    emit(shard, new ShardPage(SHARD, List.of(), NOW, 0, false, true));
    time.advance(Duration.ofMinutes(2));
    assertThat(shard.millisBehindLatest()).isZero();
    KinesisShardSplit restored = new KinesisShardSplit(SHARD, ShardPosition.SHARD_END, NOW);
    assertThat(shard(restored).millisBehindLatest()).isZero();
  }

  private OwnedShard shard(KinesisShardSplit split) {
    ReadSettings settings = new ReadSettings(Duration.ofSeconds(30), Duration.ofSeconds(10), 1);
    OwnedShard shard = new OwnedShard(split, settings, time);
    ShardPoller poller =
        new ShardPoller(
            split,
            new FakeStream(time, 1),
            time.executor(),
            new PageQueue(),
            new ReadPace(1),
            time);
    if (!shard.isEnded()) shard.readBy(poller);
    return shard;
  }

  private static void emit(OwnedShard shard, ShardPage page) {
    shard.pageTaken(page);
    shard.pageEmitted(page);
  }

  private static List<Record> arrivedAt(long at) {
    return List.of(
        Record.builder()
            .sequenceNumber("1")
            .approximateArrivalTimestamp(Instant.ofEpochMilli(at))
            .build());
  }
}
