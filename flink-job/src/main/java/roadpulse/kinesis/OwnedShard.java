package roadpulse.kinesis;

import java.time.Clock;

/** A shard in the hands of a reader: what of it was emitted, and who reads on. */
final class OwnedShard {

  private final String shardId;
  private final Clock clock;
  final ReadProgress progress;

  /** Null once the shard has ended. */
  private ShardPoller poller;

  private ShardPosition position;

  /** As Kinesis said with the last page; a stand-in says 0 whatever it holds. */
  private volatile long saidToBeBehindMs;

  /** Epoch ms up to which all that had arrived was emitted, for all that is known. */
  private volatile long upToDateAt;

  private volatile boolean hasEnded;

  OwnedShard(KinesisShardSplit split, ReadSettings settings, Clock clock) {
    this.shardId = split.shardId();
    this.clock = clock;
    this.upToDateAt =
        split.readUpTo() == KinesisShardSplit.NOTHING_READ ? clock.millis() : split.readUpTo();
    this.position = split.position();
    this.hasEnded = position.isEnd();
    this.progress = new ReadProgress(settings, split.readUpTo());
  }

  void readBy(ShardPoller poller) {
    this.poller = poller;
    poller.start();
  }

  void recordEmitted(String sequenceNumber, long arrivedAt) {
    position = ShardPosition.after(sequenceNumber);
    progress.recordRead(arrivedAt);
  }

  void pageTaken(ShardPage page) {
    saidToBeBehindMs = page.millisBehindLatest();
    if (!page.ended()) poller.pageTaken();
  }

  /** All records of the page have been emitted. */
  void pageEmitted(ShardPage page) {
    if (page.atTip()) progress.tipReached(page.sentAt());
    if (!page.mayHaveMore()) {
      upToDateAt = page.sentAt();
    } else if (!page.records().isEmpty()) {
      upToDateAt = page.lastArrival();
    }
    if (page.ended()) {
      progress.ended();
      position = ShardPosition.SHARD_END;
      hasEnded = true;
      poller.close();
      poller = null;
    }
  }

  boolean isEnded() {
    return hasEnded;
  }

  void pause() {
    if (poller != null) poller.pause();
  }

  void resume() {
    if (poller != null) poller.resume();
  }

  void close() {
    if (poller != null) poller.close();
  }

  /**
   * The greater of what Kinesis said last and of the time since this shard was known to be emitted
   * up to its tip: less than a second while it is read to its tip, and growing while it stands
   * still. 0 once it has ended. Read by the metrics' threads.
   */
  long millisBehindLatest() {
    if (hasEnded) return 0;
    return Math.max(saidToBeBehindMs, clock.millis() - upToDateAt);
  }

  KinesisShardSplit toSplit() {
    return new KinesisShardSplit(shardId, position, progress.readUpTo());
  }
}
