package roadpulse.kinesis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.apache.flink.connector.base.sink.writer.RequestBuffer;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;

/**
 * Shows the writer at most one entry of each partition key; the next one of the key when that one
 * has been taken by Kinesis. So a batch can fail in parts, and requests overtake each other,
 * without two entries of a key changing places.
 *
 * <pre>
 *   add ──key is free──> fresh ──┐                          ┌─ taken ──> the next of the key is due
 *    └────key is taken─> behind  ├─poll─> in flight ─settle─┤
 *                         └────> due ────┘                  └─ failed ─> it is due again
 * </pre>
 *
 * What is due has waited already and goes before what is fresh. All calls come on the task's
 * thread.
 */
final class OrderedRequestBuffer implements RequestBuffer<PutRecordsRequestEntry> {

  private final Deque<RequestEntryWrapper<PutRecordsRequestEntry>> due = new ArrayDeque<>();
  private final Queue<RequestEntryWrapper<PutRecordsRequestEntry>> fresh = new ArrayDeque<>();

  /**
   * For each key that is due, fresh or in flight: what came after, in its order. Most keys have
   * nothing behind them and share {@link #NOTHING}.
   */
  private final Map<String, Queue<RequestEntryWrapper<PutRecordsRequestEntry>>> behind =
      new HashMap<>();

  private static final Queue<RequestEntryWrapper<PutRecordsRequestEntry>> NOTHING =
      new ArrayDeque<>(0);

  private int waiting;
  private long readyBytes;
  private boolean patient;

  /** Of a writer that has everything settled, `prioritize` means: it is due. */
  @Override
  public void add(RequestEntryWrapper<PutRecordsRequestEntry> entry, boolean prioritize) {
    String key = entry.getRequestEntry().partitionKey();
    if (prioritize) {
      due.addFirst(entry);
    } else if (behind.putIfAbsent(key, NOTHING) == null) {
      fresh.add(entry);
    } else {
      behind
          .compute(key, (same, queue) -> queue == NOTHING ? new ArrayDeque<>() : queue)
          .add(entry);
      waiting++;
      return;
    }
    readyBytes += entry.getSize();
  }

  /**
   * What is to be put next because a request has ended: the entries that failed, and those behind
   * the ones that were taken. The writer hands them back with {@code prioritize}.
   */
  List<PutRecordsRequestEntry> settle(
      List<PutRecordsRequestEntry> batch, List<PutRecordsRequestEntry> failed) {
    Set<PutRecordsRequestEntry> again = Collections.newSetFromMap(new IdentityHashMap<>());
    again.addAll(failed);
    List<PutRecordsRequestEntry> next = new ArrayList<>();
    for (PutRecordsRequestEntry entry : batch) {
      if (again.contains(entry)) {
        next.add(entry);
        continue;
      }
      RequestEntryWrapper<PutRecordsRequestEntry> successor =
          behind.get(entry.partitionKey()).poll();
      if (successor == null) {
        behind.remove(entry.partitionKey());
      } else {
        waiting--;
        next.add(successor.getRequestEntry());
      }
    }
    return next;
  }

  @Override
  public RequestEntryWrapper<PutRecordsRequestEntry> poll() {
    RequestEntryWrapper<PutRecordsRequestEntry> entry = due.isEmpty() ? fresh.poll() : due.poll();
    if (entry != null) readyBytes -= entry.getSize();
    return entry;
  }

  @Override
  public RequestEntryWrapper<PutRecordsRequestEntry> peek() {
    return due.isEmpty() ? fresh.peek() : due.peek();
  }

  /** Whether nothing can be put now. */
  @Override
  public boolean isEmpty() {
    return due.isEmpty() && fresh.isEmpty();
  }

  /** How many can be put now. */
  @Override
  public int size() {
    return due.size() + fresh.size();
  }

  /** How many wait, also those that cannot be put now. */
  int sizeWithWaiting() {
    return size() + waiting;
  }

  /**
   * The writer compares this with what fills a request. What is due has waited, so it calls for a
   * request at once, however small.
   */
  @Override
  public long totalSizeInBytes() {
    return due.isEmpty() || patient ? readyBytes : Long.MAX_VALUE;
  }

  /** Whether what is due waits for the writer's timer instead of calling for a request at once. */
  void setPatient(boolean patient) {
    this.patient = patient;
  }

  /** Everything, each key in its order; nothing is in flight when a checkpoint asks. */
  @Override
  public Collection<RequestEntryWrapper<PutRecordsRequestEntry>> getBufferedState() {
    List<RequestEntryWrapper<PutRecordsRequestEntry>> all = new ArrayList<>(sizeWithWaiting());
    all.addAll(due);
    all.addAll(fresh);
    behind.values().forEach(all::addAll);
    return all;
  }
}
