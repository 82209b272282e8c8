package roadpulse.kinesis;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * Reads one shard, page after page, on the threads of the reader's executor. After a page is handed
 * over it waits until the page is taken, so at most one page per shard waits in memory while
 * another is emitted, and a shard that is slow or throttled holds up no other.
 *
 * <pre>
 *   waiting for its turn ──read──> page handed over ──taken──> waiting for its turn
 *        ^      │ paused: stays here until resumed      └─ ended: no further read
 *        └──────┘ expired iterator, transient fault: again, from the same position
 * </pre>
 */
final class ShardPoller {

  /** Where the pages go. Called on the threads of the executor. */
  interface Pages {
    void hand(ShardPage page);

    void fail(String shardId, Throwable fault);
  }

  private static final Logger LOG = LoggerFactory.getLogger(ShardPoller.class);

  /** No stream keeps its records for less, so only an older position can have expired. */
  private static final Duration SHORTEST_RETENTION = Duration.ofHours(24);

  private final StreamProxy stream;
  private final ScheduledExecutorService executor;
  private final Pages pages;
  private final ReadPace pace;
  private final Clock clock;
  private final Backoff backoff = new Backoff();
  private final PageSize pageSize = new PageSize();

  private final String shardId;
  private ShardPosition position;

  /**
   * Epoch ms of what was read last, to know whether it has expired when a new iterator is needed.
   */
  private long readUpTo;

  private String iterator;

  private boolean turnIsDue;
  private boolean paused;
  private boolean closed;

  /** Epoch ms before which the shard must not be read again. */
  private long notBefore;

  ShardPoller(
      KinesisShardSplit split,
      StreamProxy stream,
      ScheduledExecutorService executor,
      Pages pages,
      ReadPace pace,
      Clock clock) {
    this.shardId = split.shardId();
    this.position = split.position();
    this.readUpTo = split.readUpTo();
    this.stream = stream;
    this.executor = executor;
    this.pages = pages;
    this.pace = pace;
    this.clock = clock;
  }

  void start() {
    scheduleRead(0);
  }

  /** The page that was handed over is being emitted: the next one may be fetched. */
  void pageTaken() {
    scheduleRead(notBefore - clock.millis());
  }

  synchronized void pause() {
    paused = true;
  }

  synchronized void resume() {
    paused = false;
    if (turnIsDue) scheduleRead(notBefore - clock.millis());
  }

  synchronized void close() {
    closed = true;
  }

  private synchronized void scheduleRead(long delayMs) {
    if (closed) return;
    turnIsDue = false;
    try {
      executor.schedule(this::takeTurn, Math.max(delayMs, 0), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException shuttingDown) {
      closed = true;
    }
  }

  private void takeTurn() {
    synchronized (this) {
      if (closed) return;
      if (paused) {
        turnIsDue = true;
        return;
      }
    }
    try {
      ShardPage page = read();
      backoff.reset();
      pages.hand(page);
    } catch (ExpiredIteratorException expired) {
      LOG.info("shard iterator expired, taking a new one: shard={}", shardId);
      iterator = null;
      scheduleRead(intervalAfterRefusal());
    } catch (Throwable fault) {
      if (isClosed()) return;
      if (!KinesisFaults.isTransient(fault)) {
        pages.fail(
            shardId,
            fault instanceof ResourceNotFoundException missing
                ? new MissingStreamException(stream.name(), missing)
                : fault);
        return;
      }
      long delayMs = Math.max(backoff.next(), intervalAfterRefusal());
      LOG.warn(
          "read failed, trying again: shard={} in={}ms: {}", shardId, delayMs, fault.toString());
      scheduleRead(delayMs);
    }
  }

  /** A refused read counts as a call too, whatever the back-off says. */
  private long intervalAfterRefusal() {
    return pace.intervalAfter(0, false);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private ShardPage read() {
    if (iterator == null) {
      failIfExpired();
      iterator = stream.getShardIterator(shardId, position);
    }
    int limit = pageSize.records();
    long sentAt = clock.millis();
    GetRecordsResponse response = stream.getRecords(iterator, limit);
    List<Record> records = response.records();
    long behind = response.millisBehindLatest() == null ? 0 : response.millisBehindLatest();
    boolean mayHaveMore = behind > 0 || records.size() == limit;
    boolean ended = response.nextShardIterator() == null;
    ShardPage page = new ShardPage(shardId, records, sentAt, behind, mayHaveMore, ended);

    iterator = response.nextShardIterator();
    if (!records.isEmpty()) {
      position = ShardPosition.after(records.get(records.size() - 1).sequenceNumber());
      readUpTo = page.lastArrival();
    } else if (page.atTip()) {
      readUpTo = sentAt;
    }
    long bytes = bytesOf(records);
    pageSize.adaptTo(records.size(), bytes);
    notBefore = sentAt + pace.intervalAfter(bytes, !mayHaveMore);
    return page;
  }

  /**
   * AFTER_SEQUENCE_NUMBER of a record that expired gives the oldest record left, without a word.
   */
  private void failIfExpired() {
    if (readUpTo == KinesisShardSplit.NOTHING_READ) return;
    Duration age = Duration.ofMillis(clock.millis() - readUpTo);
    if (age.compareTo(SHORTEST_RETENTION) < 0) return;
    Duration retention = stream.retention();
    if (age.compareTo(retention) > 0) {
      throw new CheckpointTooOldException(
          stream.name(),
          "%s was read up to %s, longer ago than the retention of %s"
              .formatted(shardId, Instant.ofEpochMilli(readUpTo), retention));
    }
  }

  private static long bytesOf(List<Record> records) {
    long bytes = 0;
    for (Record record : records) bytes += record.data().asByteArrayUnsafe().length;
    return bytes;
  }
}
