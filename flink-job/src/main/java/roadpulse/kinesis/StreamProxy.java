package roadpulse.kinesis;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;

/** The calls that reading a stream needs. Faults come out as the SDK throws them. */
interface StreamProxy extends AutoCloseable {

  String name();

  /** All shards of the stream, open and closed, over all pages of the answer. */
  List<ListedShard> listShards();

  String getShardIterator(String shardId, ShardPosition position);

  GetRecordsResponse getRecords(String shardIterator, int limit);

  Duration retention();

  @Override
  void close();

  /** Makes the proxy where it is used: clients do not travel. */
  interface Factory extends Serializable {
    StreamProxy create();
  }
}
