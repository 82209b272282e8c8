package roadpulse.kinesis;

import java.math.BigInteger;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The hash keys that a shard takes, both ends inclusive. */
record HashRange(BigInteger start, BigInteger end) {

  /** Whether every key of this range lies in one of {@code others}. */
  boolean isCoveredBy(Collection<HashRange> others) {
    List<HashRange> sorted =
        others.stream().sorted(Comparator.comparing(HashRange::start)).toList();
    BigInteger uncovered = start;
    for (HashRange other : sorted) {
      if (other.start.compareTo(uncovered) > 0) return false;
      uncovered = uncovered.max(other.end.add(BigInteger.ONE));
      if (uncovered.compareTo(end) > 0) return true;
    }
    return false;
  }

  boolean overlaps(HashRange other) {
    return start.compareTo(other.end) <= 0 && other.start.compareTo(end) <= 0;
  }
}
