package roadpulse.kinesis;

/** A shard in the hands of a reader: what of it was emitted, and who reads on. */
final class OwnedShard {

  private final String shardId;
  final ReadProgress progress;

  /** Null once the shard has ended. */
  private ShardPoller poller;

  private ShardPosition position;
  private volatile long millisBehindLatest;

  OwnedShard(KinesisShardSplit split, ReadSettings settings) {
    this.shardId = split.shardId();
    this.position = split.position();
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
    millisBehindLatest = page.millisBehindLatest();
    if (!page.ended()) poller.pageTaken();
  }

  /** All records of the page have been emitted. */
  void pageEmitted(ShardPage page) {
    if (page.atTip()) progress.tipReached(page.sentAt());
    if (page.ended()) {
      progress.ended();
      position = ShardPosition.SHARD_END;
      poller.close();
      poller = null;
    }
  }

  boolean isEnded() {
    return position.isEnd();
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

  long millisBehindLatest() {
    return millisBehindLatest;
  }

  KinesisShardSplit toSplit() {
    return new KinesisShardSplit(shardId, position, progress.readUpTo());
  }
}
