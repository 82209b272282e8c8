package roadpulse.kinesis;

/**
 * How many records to ask for, so that a page holds what a shard gives in a second, whatever size
 * its records have: a page for each shard waits in memory, and another one is being emitted.
 */
final class PageSize {

  private static final long PAGE_BYTES = 2 * 1024 * 1024;

  /** Kinesis gives no more at once, and no more than 10 MiB. */
  private static final int MOST_RECORDS = 10_000;

  /** Until the size of a record is known. */
  private static final int FIRST_RECORDS = 200;

  private int records = FIRST_RECORDS;

  int records() {
    return records;
  }

  /** Learns from a page of so many records with so many bytes. */
  void adaptTo(int pageRecords, long pageBytes) {
    if (pageBytes == 0) return;
    long fitting = PAGE_BYTES * pageRecords / pageBytes;
    records = (int) Math.max(1, Math.min(fitting, MOST_RECORDS));
  }
}
