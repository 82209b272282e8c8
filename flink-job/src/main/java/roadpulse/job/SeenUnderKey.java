package roadpulse.job;

import java.util.Arrays;

/**
 * What came under one key: the first accident, and the first puts. One value, read and written once
 * a record, because hardly any key has more than two or three.
 */
public class SeenUnderKey {

  /** Beyond so many the value would cost more than entries of a map. */
  private static final int MAX_PUTS = 8;

  /** The dataset's id of the first accident; null before it. */
  public String accidentId;

  public long accidentArrivedAt;

  /** Of each put, in the order of their first arrival. */
  public long[] seqs = {};

  public int[] attempts = {};
  public long[] arrivals = {};

  /** There are puts that found no place here. */
  public boolean hasMore;

  boolean isFull() {
    return seqs.length == MAX_PUTS;
  }

  /** Where the put is, or -1. */
  int indexOf(long seq, int attempt) {
    for (int i = 0; i < seqs.length; i++) {
      if (seqs[i] == seq && attempts[i] == attempt) return i;
    }
    return -1;
  }

  void add(long seq, int attempt, long arrivedAt) {
    int last = seqs.length;
    seqs = Arrays.copyOf(seqs, last + 1);
    attempts = Arrays.copyOf(attempts, last + 1);
    arrivals = Arrays.copyOf(arrivals, last + 1);
    seqs[last] = seq;
    attempts[last] = attempt;
    arrivals[last] = arrivedAt;
  }

  /** Forgets what arrived at or before {@code time}. */
  void forgetUpTo(long time) {
    if (accidentArrivedAt <= time) accidentId = null;
    int kept = 0;
    for (int i = 0; i < seqs.length; i++) {
      if (arrivals[i] <= time) continue;
      seqs[kept] = seqs[i];
      attempts[kept] = attempts[i];
      arrivals[kept++] = arrivals[i];
    }
    seqs = Arrays.copyOf(seqs, kept);
    attempts = Arrays.copyOf(attempts, kept);
    arrivals = Arrays.copyOf(arrivals, kept);
  }

  boolean isEmpty() {
    return accidentId == null && seqs.length == 0 && !hasMore;
  }
}
