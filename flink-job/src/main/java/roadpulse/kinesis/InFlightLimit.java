package roadpulse.kinesis;

import org.apache.flink.connector.base.sink.writer.strategy.RateLimitingStrategy;
import org.apache.flink.connector.base.sink.writer.strategy.RequestInfo;
import org.apache.flink.connector.base.sink.writer.strategy.ResultInfo;

/**
 * So many requests at a time and no other limit. Kinesis throttles by shard: to shrink all batches
 * because one shard is hot, as Flink's congestion control would, slows the others down. What was
 * throttled waits in {@link PutRecordsSender}, where it still counts as a request.
 */
final class InFlightLimit implements RateLimitingStrategy {

  private final int maxRequests;
  private final int maxBatchSize;
  private int requests;

  InFlightLimit(int maxRequests, int maxBatchSize) {
    this.maxRequests = maxRequests;
    this.maxBatchSize = maxBatchSize;
  }

  @Override
  public void registerInFlightRequest(RequestInfo request) {
    requests++;
  }

  @Override
  public void registerCompletedRequest(ResultInfo result) {
    requests--;
  }

  @Override
  public boolean shouldBlock(RequestInfo request) {
    return requests >= maxRequests;
  }

  @Override
  public int getMaxBatchSize() {
    return maxBatchSize;
  }
}
