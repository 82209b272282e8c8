package roadpulse.kinesis;

import java.math.BigInteger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * A stream in memory with what makes reading hard: records that become visible late, shards that
 * are listed late, a closed shard that answers empty once more before it says so, faults on demand.
 * Thread-safe, for it also serves a real Flink.
 */
final class FakeStream implements StreamProxy {

  /** Keys are hashed to 0 .. 999. */
  static final int KEYS = 1_000;

  private static final long MAX_PAGE_BYTES = 10 * 1024 * 1024;

  private record Stored(Record record, long visibleAt) {}

  private static final class FakeShard {
    final ListedShard listed;
    final long listedAt;
    final List<Stored> records = new ArrayList<>();
    int recordsPerRead = Integer.MAX_VALUE;
    boolean closed;

    FakeShard(ListedShard listed, long listedAt) {
      this.listed = listed;
      this.listedAt = listedAt;
    }
  }

  private final Clock clock;
  private final Map<String, FakeShard> shards = new LinkedHashMap<>();
  private final Queue<RuntimeException> readFaults = new ArrayDeque<>();
  private final Queue<RuntimeException> listFaults = new ArrayDeque<>();
  private final Queue<Long> emptyReads = new ArrayDeque<>();
  private long nextSequence = 1;

  /** Epoch ms of each call of GetRecords, refused ones too. */
  private final List<Long> readsAt = new ArrayList<>();

  private Duration retention = Duration.ofHours(24);
  private final Set<String> unlisted = new HashSet<>();
  private boolean deleted;

  /** Iterators of an earlier generation have expired. */
  private int iteratorGeneration;

  FakeStream(Clock clock, int shardCount) {
    this.clock = clock;
    for (int i = 0; i < shardCount; i++) {
      add(KEYS * i / shardCount, KEYS * (i + 1) / shardCount - 1, List.of(), 0);
    }
  }

  private String add(int start, int end, List<String> parents, long listedAfterMs) {
    String id = "shardId-%012d".formatted(shards.size());
    HashRange range = new HashRange(BigInteger.valueOf(start), BigInteger.valueOf(end));
    ListedShard listed = new ListedShard(id, parents, range);
    shards.put(id, new FakeShard(listed, clock.millis() + listedAfterMs));
    return id;
  }

  synchronized void split(String id, long listedAfterMs) {
    split(id, listedAfterMs, listedAfterMs);
  }

  /** The two children may be listed at different times. */
  synchronized void split(String id, long leftListedAfterMs, long rightListedAfterMs) {
    FakeShard parent = close(id);
    int start = parent.listed.range().start().intValue();
    int end = parent.listed.range().end().intValue();
    int middle = (start + end) / 2;
    add(start, middle, List.of(id), leftListedAfterMs);
    add(middle + 1, end, List.of(id), rightListedAfterMs);
  }

  synchronized void merge(String left, String right, long listedAfterMs) {
    int start = close(left).listed.range().start().intValue();
    int end = close(right).listed.range().end().intValue();
    add(start, end, List.of(left, right), listedAfterMs);
  }

  private FakeShard close(String id) {
    FakeShard shard = shards.get(id);
    shard.closed = true;
    return shard;
  }

  synchronized List<String> openShards() {
    return shards.values().stream()
        .filter(shard -> !shard.closed)
        .sorted((a, b) -> a.listed.range().start().compareTo(b.listed.range().start()))
        .map(shard -> shard.listed.shardId())
        .toList();
  }

  /** Puts a record whose arrival is now; returns its sequence number. */
  synchronized String put(String partitionKey, byte[] data, long visibleAfterMs) {
    BigInteger hash = BigInteger.valueOf(Math.floorMod(partitionKey.hashCode(), KEYS));
    FakeShard shard =
        shards.values().stream()
            .filter(candidate -> !candidate.closed)
            .filter(
                candidate ->
                    new HashRange(hash, hash).isCoveredBy(List.of(candidate.listed.range())))
            .findFirst()
            .orElseThrow();
    String sequence = "%020d".formatted(nextSequence++);
    Record record =
        Record.builder()
            .partitionKey(partitionKey)
            .sequenceNumber(sequence)
            .approximateArrivalTimestamp(Instant.ofEpochMilli(clock.millis()))
            .data(SdkBytes.fromByteArrayUnsafe(data))
            .build();
    shard.records.add(new Stored(record, clock.millis() + visibleAfterMs));
    return sequence;
  }

  /** From now on a read of the shard brings no more than so many records. */
  synchronized void slowDown(String id, int recordsPerRead) {
    shards.get(id).recordsPerRead = recordsPerRead;
  }

  synchronized void failNextRead(RuntimeException fault) {
    readFaults.add(fault);
  }

  /** The next read brings nothing although the shard has more, as Kinesis may; it says how far. */
  synchronized void emptyNextRead(long millisBehindLatest) {
    emptyReads.add(millisBehindLatest);
  }

  synchronized void failNextListing(RuntimeException fault) {
    listFaults.add(fault);
  }

  synchronized void expireIterators() {
    iteratorGeneration++;
  }

  /** The shard is not listed any more; its records have expired. */
  synchronized void expire(String id) {
    unlisted.add(id);
  }

  /** A listing that left the shard out was wrong. */
  synchronized void listAgain(String id) {
    unlisted.remove(id);
  }

  synchronized void delete() {
    deleted = true;
  }

  synchronized List<Long> readsAt() {
    return List.copyOf(readsAt);
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public synchronized List<ListedShard> listShards() {
    failIfDeleted();
    if (!listFaults.isEmpty()) throw listFaults.poll();
    return shards.values().stream()
        .filter(shard -> shard.listedAt <= clock.millis())
        .filter(shard -> !unlisted.contains(shard.listed.shardId()))
        .map(shard -> shard.listed)
        .toList();
  }

  @Override
  public synchronized String getShardIterator(String shardId, ShardPosition position) {
    failIfDeleted();
    List<Stored> records = shards.get(shardId).records;
    int index = 0;
    if (position.kind() == ShardPosition.Kind.AFTER_SEQUENCE_NUMBER) {
      while (index < records.size()
          && records.get(index).record().sequenceNumber().compareTo(position.sequenceNumber())
              <= 0) {
        index++;
      }
    }
    return iterator(shardId, index, shards.get(shardId).closed);
  }

  /** `knowsEnd`: whether the shard was closed when the iterator was made, as in kinesalite. */
  private String iterator(String shardId, int index, boolean knowsEnd) {
    return shardId + "/" + index + "/" + iteratorGeneration + "/" + knowsEnd;
  }

  @Override
  public synchronized GetRecordsResponse getRecords(String shardIterator, int limit) {
    failIfDeleted();
    readsAt.add(clock.millis());
    if (!readFaults.isEmpty()) throw readFaults.poll();
    String[] parts = shardIterator.split("/");
    if (Integer.parseInt(parts[2]) < iteratorGeneration) {
      throw ExpiredIteratorException.builder().message("expired").build();
    }
    if (!emptyReads.isEmpty()) {
      return GetRecordsResponse.builder()
          .records(List.of())
          .millisBehindLatest(emptyReads.poll())
          .nextShardIterator(shardIterator)
          .build();
    }
    FakeShard shard = shards.get(parts[0]);
    int index = Integer.parseInt(parts[1]);
    List<Record> page = new ArrayList<>();
    long bytes = 0;
    while (index < shard.records.size()
        && page.size() < Math.min(limit, shard.recordsPerRead)
        && shard.records.get(index).visibleAt() <= clock.millis()) {
      Record record = shard.records.get(index).record();
      bytes += record.data().asByteArrayUnsafe().length;
      if (bytes > MAX_PAGE_BYTES) break;
      page.add(record);
      index++;
    }
    boolean atEnd = index == shard.records.size();
    boolean ended = shard.closed && atEnd && page.isEmpty() && Boolean.parseBoolean(parts[3]);
    return GetRecordsResponse.builder()
        .records(page)
        .millisBehindLatest(0L)
        .nextShardIterator(ended ? null : iterator(parts[0], index, shard.closed))
        .build();
  }

  private void failIfDeleted() {
    if (deleted) throw ResourceNotFoundException.builder().message("no such stream").build();
  }

  @Override
  public Duration retention() {
    return retention;
  }

  @Override
  public void close() {
    // Shared by enumerator and readers.
  }
}
