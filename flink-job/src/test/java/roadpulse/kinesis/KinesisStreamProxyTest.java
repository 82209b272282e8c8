package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

class KinesisStreamProxyTest {

  private final Service service = new Service();
  private final KinesisStreamProxy proxy = new KinesisStreamProxy(service, "raw");

  @Test
  void shardsOfAllPagesOfTheListingAreFound() {
    assertThat(proxy.listShards())
        .extracting(ListedShard::shardId)
        .containsExactly("shard-0", "shard-1", "shard-2");
    // Kinesis refuses a token together with the stream that it stands for.
    assertThat(service.listings)
        .extracting(ListShardsRequest::streamName)
        .containsExactly("raw", null, null);
    assertThat(service.listings)
        .extracting(ListShardsRequest::nextToken)
        .containsExactly(null, "1", "2");
  }

  @Test
  void bothParentsOfAMergedShardAreKnown() {
    assertThat(proxy.listShards().get(2).parentIds()).containsExactly("shard-0", "shard-1");
  }

  @Test
  void readingGoesOnAfterTheLastRecordAndNotWithIt() {
    proxy.getShardIterator("shard-0", ShardPosition.after("42"));
    assertThat(service.iterators)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.shardIteratorType())
                  .isEqualTo(ShardIteratorType.AFTER_SEQUENCE_NUMBER);
              assertThat(request.startingSequenceNumber()).isEqualTo("42");
            });
  }

  @Test
  void anUnreadShardIsReadFromItsOldestRecord() {
    proxy.getShardIterator("shard-0", ShardPosition.TRIM_HORIZON);
    assertThat(service.iterators)
        .extracting(GetShardIteratorRequest::shardIteratorType)
        .containsExactly(ShardIteratorType.TRIM_HORIZON);
  }

  /** Lists one shard a page; the third was merged from the first two. */
  private static final class Service implements KinesisClient {
    final List<ListShardsRequest> listings = new ArrayList<>();
    final List<GetShardIteratorRequest> iterators = new ArrayList<>();

    @Override
    public ListShardsResponse listShards(ListShardsRequest request) {
      int page = listings.size();
      listings.add(request);
      Shard.Builder shard =
          Shard.builder()
              .shardId("shard-" + page)
              .hashKeyRange(range -> range.startingHashKey("0").endingHashKey("9"));
      if (page == 2) shard.parentShardId("shard-0").adjacentParentShardId("shard-1");
      return ListShardsResponse.builder()
          .shards(shard.build())
          .nextToken(page == 2 ? null : String.valueOf(page + 1))
          .build();
    }

    @Override
    public GetShardIteratorResponse getShardIterator(GetShardIteratorRequest request) {
      iterators.add(request);
      return GetShardIteratorResponse.builder().shardIterator("iterator").build();
    }

    @Override
    public String serviceName() {
      return "kinesis";
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
