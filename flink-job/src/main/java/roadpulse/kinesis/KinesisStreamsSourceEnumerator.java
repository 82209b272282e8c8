package roadpulse.kinesis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import roadpulse.kinesis.ShardPlanner.Knowledge;
import roadpulse.kinesis.ShardPlanner.Plan;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * Finds shards and gives them to readers. Which, and when, {@link ShardPlanner} decides; this class
 * keeps what it is decided from and carries it out.
 *
 * <p>A child goes to the reader that holds its parent: the parent's last watermark still holds that
 * reader back, so no record of the child can come behind a watermark that the reader has emitted.
 *
 * <p>What a reader reports about its shards outweighs what is remembered here: after a failure the
 * readers go back to a checkpoint and this class does not always.
 */
final class KinesisStreamsSourceEnumerator
    implements SplitEnumerator<KinesisShardSplit, KinesisStreamsSourceEnumeratorState> {

  private static final Logger LOG = LoggerFactory.getLogger(KinesisStreamsSourceEnumerator.class);

  private static final long DISCOVERY_INTERVAL_MS = 10_000;

  private final SplitEnumeratorContext<KinesisShardSplit> context;
  private final String streamName;
  private final StreamProxy stream;

  /** Ended shards that their readers were told to let go, as long as Kinesis lists them. */
  private final Set<String> finished;

  /** The subtask of each shard that is with a reader or on its way there, ended ones included. */
  private final Map<String, Integer> readerOf = new HashMap<>();

  /** What each reader said last. */
  private final Map<Integer, ShardsHeldEvent> reports = new HashMap<>();

  /**
   * For each reader that knows of the complete assignment: whether it knows that it has no shard.
   */
  private final Map<Integer, Boolean> toldNothing = new HashMap<>();

  /** Null before the first listing. */
  private List<ListedShard> listed;

  private final Backoff backoff = new Backoff();
  private boolean listingAgain;

  KinesisStreamsSourceEnumerator(
      SplitEnumeratorContext<KinesisShardSplit> context,
      String streamName,
      StreamProxy stream,
      KinesisStreamsSourceEnumeratorState state) {
    if (state.streamName() != null && !state.streamName().equals(streamName)) {
      stream.close();
      throw new StateOfAnotherStreamException(state.streamName(), streamName);
    }
    this.context = context;
    this.streamName = streamName;
    this.stream = stream;
    this.finished = new LinkedHashSet<>(state.finished());
  }

  @Override
  public void start() {
    context.callAsync(stream::listShards, this::shardsListed, 0, DISCOVERY_INTERVAL_MS);
  }

  /** Does not wait for the next interval: without the list the job stands still. */
  private void listAgain() {
    if (listingAgain) return;
    listingAgain = true;
    long delayMs = backoff.next();
    context.callAsync(
        () -> {
          Thread.sleep(delayMs);
          return stream.listShards();
        },
        (shards, fault) -> {
          listingAgain = false;
          shardsListed(shards, fault);
        });
  }

  private void shardsListed(List<ListedShard> shards, Throwable fault) {
    if (fault != null) {
      if (!KinesisFaults.isTransient(fault)) {
        throw fault instanceof ResourceNotFoundException missing
            ? new MissingStreamException(streamName, missing)
            : new StreamUnreadableException(streamName, fault);
      }
      LOG.warn("shards cannot be listed, trying again: {}", fault.toString());
      listAgain();
      return;
    }
    backoff.reset();
    listed = shards;
    // Only children need to know that their parents are read, and a child is listed with its parent
    // or instead of it.
    finished.retainAll(shards.stream().map(ListedShard::shardId).toList());
    reconcile();
  }

  @Override
  public void addReader(int subtask) {
    // It reports next what it holds; no shard is given out before all readers have.
    forget(subtask);
  }

  @Override
  public void addSplitsBack(List<KinesisShardSplit> splits, int subtask) {
    forget(subtask);
    for (KinesisShardSplit split : splits) finished.remove(split.shardId());
  }

  private void forget(int subtask) {
    reports.remove(subtask);
    toldNothing.remove(subtask);
    readerOf.values().removeIf(reader -> reader == subtask);
  }

  @Override
  public void handleSplitRequest(int subtask, String host) {
    // Shards are given out as they appear; readers do not ask.
  }

  @Override
  public void handleSourceEvent(int subtask, SourceEvent event) {
    ShardsHeldEvent report = (ShardsHeldEvent) event;
    ShardsHeldEvent before = reports.put(subtask, report);
    for (List<String> shards : List.of(report.reading(), report.ended())) {
      for (String id : shards) {
        readerOf.put(id, subtask);
        finished.remove(id);
      }
    }
    List<String> endedBefore = before == null ? List.of() : before.ended();
    if (!endedBefore.containsAll(report.ended())) {
      // The children of what has just ended may be too young for the last listing.
      context.callAsync(stream::listShards, this::shardsListed);
    }
    reconcile();
  }

  private void reconcile() {
    if (listed == null || reports.size() < context.currentParallelism()) return;
    Plan plan = ShardPlanner.plan(listed, knowledge());
    if (!plan.lost().isEmpty()) {
      throw new CheckpointTooOldException(
          streamName, "%s expired before they were read to their end".formatted(plan.lost()));
    }
    assign(plan.starting());
    Map<Integer, List<String>> released = release(plan.released());
    for (int subtask : reports.keySet()) {
      tell(subtask, plan.complete(), released.getOrDefault(subtask, List.of()));
    }
  }

  private void tell(int subtask, boolean complete, List<String> released) {
    Boolean told = toldNothing.get(subtask);
    boolean knows = told != null;
    // A reader without shards stays idle while shards elsewhere change hands.
    boolean nothing = !readerOf.containsValue(subtask) && (complete || Boolean.TRUE.equals(told));
    boolean changed = knows ? told != nothing : complete;
    if (!changed && released.isEmpty()) return;
    if (complete || knows) toldNothing.put(subtask, nothing);
    context.sendEventToSourceReader(
        subtask, new AssignmentEvent(complete || knows, nothing, released));
  }

  private Knowledge knowledge() {
    Set<String> confirmed = new HashSet<>();
    Set<String> ended = new LinkedHashSet<>();
    for (ShardsHeldEvent report : reports.values()) {
      confirmed.addAll(report.reading());
      ended.addAll(report.ended());
    }
    ended.removeAll(finished);
    Set<String> assigned = new LinkedHashSet<>(readerOf.keySet());
    assigned.removeAll(ended);
    return new Knowledge(assigned, confirmed, ended, finished);
  }

  private void assign(List<ListedShard> starting) {
    Map<Integer, List<KinesisShardSplit>> assignment = new HashMap<>();
    for (ListedShard shard : starting) {
      int subtask = readerFor(shard);
      readerOf.put(shard.shardId(), subtask);
      assignment
          .computeIfAbsent(subtask, reader -> new ArrayList<>())
          .add(KinesisShardSplit.unread(shard.shardId()));
      LOG.info("shard assigned: shard={} subtask={}", shard.shardId(), subtask);
    }
    if (!assignment.isEmpty()) context.assignSplits(new SplitsAssignment<>(assignment));
  }

  private int readerFor(ListedShard shard) {
    return shard.parentIds().stream()
        .map(readerOf::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseGet(this::leastLoadedReader);
  }

  private int leastLoadedReader() {
    Map<Integer, Long> load =
        readerOf.values().stream()
            .collect(Collectors.groupingBy(reader -> reader, Collectors.counting()));
    return IntStream.range(0, context.currentParallelism())
        .boxed()
        .min(Comparator.comparing(subtask -> load.getOrDefault(subtask, 0L)))
        .orElseThrow();
  }

  private Map<Integer, List<String>> release(List<String> shardIds) {
    for (String id : shardIds) LOG.info("shard finished: shard={}", id);
    Map<Integer, List<String>> byReader =
        shardIds.stream().collect(Collectors.groupingBy(readerOf::get));
    finished.addAll(shardIds);
    shardIds.forEach(readerOf::remove);
    return byReader;
  }

  @Override
  public KinesisStreamsSourceEnumeratorState snapshotState(long checkpointId) {
    return new KinesisStreamsSourceEnumeratorState(streamName, new LinkedHashSet<>(finished));
  }

  @Override
  public void close() {
    stream.close();
  }
}
