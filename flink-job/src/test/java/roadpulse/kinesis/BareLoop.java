package roadpulse.kinesis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * The least that can pass a stream on: for each shard a thread that reads a page and puts it, 500
 * records a request. It keeps no position, tries nothing again and knows no limits.
 */
final class BareLoop {

  private static final int RECORDS_PER_PUT = 500;

  private final KinesisClient reading;
  private final KinesisClient putting;
  private final String source;
  private final String sink;

  BareLoop(
      KinesisClientFactory clients, KinesisClientFactory counting, String source, String sink) {
    this.reading = clients.create();
    this.putting = counting.create();
    this.source = source;
    this.sink = sink;
  }

  /** Returns when each shard has been read to its tip. */
  void run() {
    List<CompletableFuture<Void>> shards = new ArrayList<>();
    reading
        .listShards(request -> request.streamName(source))
        .shards()
        .forEach(
            shard ->
                shards.add(
                    CompletableFuture.runAsync(
                        () -> pass(shard.shardId()), task -> new Thread(task).start())));
    shards.forEach(CompletableFuture::join);
    reading.close();
    putting.close();
  }

  private void pass(String shardId) {
    String iterator =
        reading
            .getShardIterator(
                request ->
                    request
                        .streamName(source)
                        .shardId(shardId)
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
            .shardIterator();
    while (true) {
      String from = iterator;
      GetRecordsResponse page = reading.getRecords(request -> request.shardIterator(from));
      if (page.records().isEmpty()) return;
      put(page.records());
      iterator = page.nextShardIterator();
    }
  }

  private void put(List<Record> records) {
    for (int first = 0; first < records.size(); first += RECORDS_PER_PUT) {
      List<PutRecordsRequestEntry> entries = new ArrayList<>(RECORDS_PER_PUT);
      int end = Math.min(records.size(), first + RECORDS_PER_PUT);
      for (Record record : records.subList(first, end)) {
        entries.add(
            PutRecordsRequestEntry.builder()
                .partitionKey(record.partitionKey())
                .data(record.data())
                .build());
      }
      putting.putRecords(request -> request.streamName(sink).records(entries));
    }
  }
}
