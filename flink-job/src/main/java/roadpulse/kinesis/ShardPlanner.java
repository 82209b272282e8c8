package roadpulse.kinesis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides from the list of shards and what the readers hold which shards start, and which ended
 * ones can be let go. A pure function, so that every order of split, merge, restart and late
 * discovery can be a row of a test.
 *
 * <pre>
 *   A ──┬── C        C starts when A has ended; E when both C and B have ended, or are gone from the
 *       └── D ─┐     list. An ended shard stays with its reader, where its watermark holds everybody
 *   B ─────────┴─ E  back, until all of its children are in the hands of readers.
 * </pre>
 */
final class ShardPlanner {

  /**
   * What the enumerator knows.
   *
   * @param assigned shards given to a reader that have not ended, whether the reader has confirmed
   *     or not
   * @param confirmed those of them that a reader says it holds
   * @param ended shards that a reader has read to the end and still holds
   * @param finished ended shards that were let go
   */
  record Knowledge(
      Set<String> assigned, Set<String> confirmed, Set<String> ended, Set<String> finished) {}

  /**
   * What is to be done.
   *
   * @param starting shards to give to a reader now, in the order of the list
   * @param released ended shards whose children are all with their readers
   * @param lost shards being read that Kinesis does not list any more: their records expired unread
   * @param complete every part of the stream is in the hands of a reader
   */
  record Plan(
      List<ListedShard> starting, List<String> released, List<String> lost, boolean complete) {}

  private ShardPlanner() {}

  static Plan plan(Collection<ListedShard> listed, Knowledge known) {
    Map<String, ListedShard> byId = new HashMap<>();
    Map<String, List<ListedShard>> childrenOf = new HashMap<>();
    for (ListedShard shard : listed) {
      byId.put(shard.shardId(), shard);
      for (String parent : shard.parentIds()) {
        childrenOf.computeIfAbsent(parent, id -> new ArrayList<>()).add(shard);
      }
    }

    List<ListedShard> starting = new ArrayList<>();
    for (ListedShard shard : listed) {
      if (!isKnown(shard.shardId(), known)
          && !isHandedOn(shard, childrenOf, known)
          && parentsAreRead(shard, byId, known)) {
        starting.add(shard);
      }
    }
    List<String> released = new ArrayList<>();
    for (String id : known.ended()) {
      List<ListedShard> children = childrenOf.getOrDefault(id, List.of());
      if (areAllListed(children, byId.get(id))
          && children.stream().allMatch(child -> isWithReader(child.shardId(), known))) {
        released.add(id);
      }
    }
    List<String> lost = new ArrayList<>(known.assigned());
    lost.removeAll(byId.keySet());
    boolean complete = starting.isEmpty() && known.confirmed().containsAll(known.assigned());
    return new Plan(starting, released, lost, complete);
  }

  /**
   * Whether descendants in our hands take all of its keys: then it was read before they started. A
   * listing that left it out for once made us forget it; to read it again now would bring records
   * behind the watermark.
   */
  private static boolean isHandedOn(
      ListedShard shard, Map<String, List<ListedShard>> childrenOf, Knowledge known) {
    List<HashRange> taken = new ArrayList<>();
    for (ListedShard child : childrenOf.getOrDefault(shard.shardId(), List.of())) {
      if (isKnown(child.shardId(), known) || isHandedOn(child, childrenOf, known)) {
        taken.add(child.range());
      }
    }
    return shard.range().isCoveredBy(taken);
  }

  /** A closed shard always has children, for all of its keys; they may be listed later than it. */
  private static boolean areAllListed(List<ListedShard> children, ListedShard parent) {
    return parent == null
        || parent.range().isCoveredBy(children.stream().map(ListedShard::range).toList());
  }

  private static boolean isKnown(String id, Knowledge known) {
    return known.assigned().contains(id)
        || known.ended().contains(id)
        || known.finished().contains(id);
  }

  private static boolean isWithReader(String id, Knowledge known) {
    return known.confirmed().contains(id)
        || known.ended().contains(id)
        || known.finished().contains(id);
  }

  private static boolean parentsAreRead(
      ListedShard shard, Map<String, ListedShard> byId, Knowledge known) {
    for (String parent : shard.parentIds()) {
      boolean read = known.ended().contains(parent) || known.finished().contains(parent);
      if (!read && !isGone(parent, shard, byId, known)) return false;
    }
    return true;
  }

  /**
   * A parent that is not listed has expired, before we came. Unless some shard in our hands takes
   * the child's keys: then the parent lies between the two, and is not listed yet.
   */
  private static boolean isGone(
      String parent, ListedShard child, Map<String, ListedShard> byId, Knowledge known) {
    if (byId.containsKey(parent) || known.assigned().contains(parent)) return false;
    return byId.values().stream()
        .filter(
            other ->
                known.assigned().contains(other.shardId())
                    || known.ended().contains(other.shardId()))
        .noneMatch(other -> other.range().overlaps(child.range()));
  }
}
