package roadpulse.kinesis;

import java.util.List;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * What one read of a shard brought.
 *
 * @param sentAt epoch ms by our clock at which the read was sent
 * @param millisBehindLatest how far behind the tip the page is, as Kinesis says
 * @param mayHaveMore whether more had arrived than the page holds
 * @param ended the shard is closed and this was its last page
 */
record ShardPage(
    String shardId,
    List<Record> records,
    long sentAt,
    long millisBehindLatest,
    boolean mayHaveMore,
    boolean ended) {

  /** Nothing came and nothing was left to come. */
  boolean atTip() {
    return records.isEmpty() && !mayHaveMore && !ended;
  }

  /** Epoch ms by Kinesis' clock at which the last record arrived. */
  long lastArrival() {
    return records.get(records.size() - 1).approximateArrivalTimestamp().toEpochMilli();
  }
}
