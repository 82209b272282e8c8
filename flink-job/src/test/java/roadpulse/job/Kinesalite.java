package roadpulse.job;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** The Kinesis of the one-machine stack, as a child process on a free port. */
final class Kinesalite implements AutoCloseable {

  private static final String PROGRAM =
      """
      const server = require('kinesalite')({ createStreamMs: 10, deleteStreamMs: 10, updateStreamMs: 10 })
      server.listen(Number(process.argv[1]), '127.0.0.1')
      process.stdin.on('end', () => process.exit()).resume()
      """;

  private final Process process;
  private final KinesisClient client;

  /** Where {@link #readOn} goes on, by stream and shard. */
  private final Map<String, String> iterators = new HashMap<>();

  final String endpoint;

  Kinesalite() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path repository = Path.of("..").toAbsolutePath().normalize();
    // It ends with its standard input, so not even a killed test leaves it behind.
    process =
        new ProcessBuilder(
                repository.resolve("node_modules/.bin/node").toString(),
                "-e",
                PROGRAM,
                String.valueOf(port))
            .directory(repository.toFile())
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    endpoint = "http://127.0.0.1:" + port;
    client =
        KinesisClient.builder()
            .region(Region.US_EAST_1)
            .endpointOverride(URI.create(endpoint))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
            .build();
  }

  void createStream(String name, int shards) throws InterruptedException {
    Deadline deadline = Deadline.in(Duration.ofSeconds(20));
    while (true) {
      try {
        client.createStream(request -> request.streamName(name).shardCount(shards));
        break;
      } catch (SdkClientException notUpYet) {
        deadline.check("kinesalite is up");
        Thread.sleep(50);
      }
    }
    awaitActive(name);
  }

  private StreamStatus status(String stream) {
    return client
        .describeStreamSummary(request -> request.streamName(stream))
        .streamDescriptionSummary()
        .streamStatus();
  }

  void put(String stream, List<SampleFeed.Put> puts) {
    List<PutRecordsRequestEntry> entries = new ArrayList<>();
    for (SampleFeed.Put put : puts) {
      entries.add(
          PutRecordsRequestEntry.builder()
              .partitionKey(put.partitionKey())
              .data(SdkBytes.fromByteArray(put.data()))
              .build());
    }
    PutRecordsResponse response =
        client.putRecords(request -> request.streamName(stream).records(entries));
    assertThat(response.failedRecordCount()).isZero();
  }

  /** Splits the widest open shard of the stream in the middle. */
  void split(String stream) throws InterruptedException {
    Shard shard = openShards(stream).stream().max(comparing(Kinesalite::width)).orElseThrow();
    BigInteger start = new BigInteger(shard.hashKeyRange().startingHashKey());
    BigInteger end = new BigInteger(shard.hashKeyRange().endingHashKey());
    String middle = start.add(end).shiftRight(1).toString();
    client.splitShard(
        request ->
            request.streamName(stream).shardToSplit(shard.shardId()).newStartingHashKey(middle));
    awaitActive(stream);
  }

  /** Merges the first two open shards of the stream. */
  void merge(String stream) throws InterruptedException {
    List<Shard> open = openShards(stream);
    client.mergeShards(
        request ->
            request
                .streamName(stream)
                .shardToMerge(open.get(0).shardId())
                .adjacentShardToMerge(open.get(1).shardId()));
    awaitActive(stream);
  }

  void delete(String stream) {
    client.deleteStream(request -> request.streamName(stream));
  }

  private void awaitActive(String stream) throws InterruptedException {
    Deadline deadline = Deadline.in(Duration.ofSeconds(10));
    while (status(stream) != StreamStatus.ACTIVE) {
      deadline.check(stream + " is active");
      Thread.sleep(20);
    }
  }

  /** By what they hold: neighbours in this list can be merged. */
  private List<Shard> openShards(String stream) {
    return shards(stream).stream()
        .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() == null)
        .sorted(comparing(Kinesalite::start))
        .toList();
  }

  private static BigInteger start(Shard shard) {
    return new BigInteger(shard.hashKeyRange().startingHashKey());
  }

  private static BigInteger width(Shard shard) {
    return new BigInteger(shard.hashKeyRange().endingHashKey()).subtract(start(shard));
  }

  private List<Shard> shards(String stream) {
    return client.listShards(request -> request.streamName(stream)).shards();
  }

  /** All records of the stream that a call before this one has not returned; its shards stay. */
  List<Record> readOn(String stream) {
    List<Record> records = new ArrayList<>();
    for (Shard shard : shards(stream)) {
      String id = shard.shardId();
      String iterator = iterators.computeIfAbsent(stream + ' ' + id, any -> oldest(stream, id));
      GetRecordsResponse page;
      do {
        String from = iterator;
        page = client.getRecords(request -> request.shardIterator(from));
        records.addAll(page.records());
        iterator = page.nextShardIterator();
      } while (!page.records().isEmpty());
      iterators.put(stream + ' ' + id, iterator);
    }
    return records;
  }

  private String oldest(String stream, String shardId) {
    return client
        .getShardIterator(
            request ->
                request
                    .streamName(stream)
                    .shardId(shardId)
                    .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
        .shardIterator();
  }

  @Override
  public void close() {
    client.close();
    process.destroyForcibly();
  }
}
