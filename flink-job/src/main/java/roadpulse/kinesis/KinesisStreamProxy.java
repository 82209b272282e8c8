package roadpulse.kinesis;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.HashKeyRange;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** The stream by its name, over the SDK. */
final class KinesisStreamProxy implements StreamProxy {

  private final KinesisClient client;
  private final String streamName;

  KinesisStreamProxy(KinesisClient client, String streamName) {
    this.client = client;
    this.streamName = streamName;
  }

  @Override
  public String name() {
    return streamName;
  }

  @Override
  public List<ListedShard> listShards() {
    List<ListedShard> shards = new ArrayList<>();
    ListShardsRequest request = ListShardsRequest.builder().streamName(streamName).build();
    while (true) {
      ListShardsResponse response = client.listShards(request);
      for (Shard shard : response.shards()) shards.add(listed(shard));
      if (response.nextToken() == null) return shards;
      // A token stands for the stream too: Kinesis refuses both together.
      request = ListShardsRequest.builder().nextToken(response.nextToken()).build();
    }
  }

  private static ListedShard listed(Shard shard) {
    List<String> parents = new ArrayList<>(2);
    if (shard.parentShardId() != null) parents.add(shard.parentShardId());
    if (shard.adjacentParentShardId() != null) parents.add(shard.adjacentParentShardId());
    HashKeyRange keys = shard.hashKeyRange();
    return new ListedShard(
        shard.shardId(),
        parents,
        new HashRange(
            new BigInteger(keys.startingHashKey()), new BigInteger(keys.endingHashKey())));
  }

  @Override
  public String getShardIterator(String shardId, ShardPosition position) {
    return client
        .getShardIterator(
            request -> {
              request.streamName(streamName).shardId(shardId);
              switch (position.kind()) {
                case TRIM_HORIZON -> request.shardIteratorType(ShardIteratorType.TRIM_HORIZON);
                case AFTER_SEQUENCE_NUMBER ->
                    request
                        .shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                        .startingSequenceNumber(position.sequenceNumber());
                case SHARD_END ->
                    throw new IllegalArgumentException(shardId + " has been read to its end");
              }
            })
        .shardIterator();
  }

  @Override
  public GetRecordsResponse getRecords(String shardIterator, int limit) {
    return client.getRecords(request -> request.shardIterator(shardIterator).limit(limit));
  }

  @Override
  public Duration retention() {
    return Duration.ofHours(
        client
            .describeStreamSummary(request -> request.streamName(streamName))
            .streamDescriptionSummary()
            .retentionPeriodHours());
  }

  @Override
  public void close() {
    client.close();
  }
}
