package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    while (status(name) != StreamStatus.ACTIVE) {
      deadline.check(name + " is active");
      Thread.sleep(20);
    }
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

  /** Splits the first open shard of the stream in the middle. */
  void split(String stream) throws InterruptedException {
    Shard shard =
        shards(stream).stream()
            .filter(one -> one.sequenceNumberRange().endingSequenceNumber() == null)
            .findFirst()
            .orElseThrow();
    BigInteger start = new BigInteger(shard.hashKeyRange().startingHashKey());
    BigInteger end = new BigInteger(shard.hashKeyRange().endingHashKey());
    String middle = start.add(end).shiftRight(1).toString();
    client.splitShard(
        request ->
            request.streamName(stream).shardToSplit(shard.shardId()).newStartingHashKey(middle));
    Deadline deadline = Deadline.in(Duration.ofSeconds(10));
    while (status(stream) != StreamStatus.ACTIVE) {
      deadline.check("the split is done");
      Thread.sleep(20);
    }
  }

  private List<Shard> shards(String stream) {
    return client.listShards(request -> request.streamName(stream)).shards();
  }

  /** All records that the stream holds, shard after shard. */
  List<Record> readAll(String stream) {
    List<Record> records = new ArrayList<>();
    for (Shard shard : shards(stream)) {
      String iterator =
          client
              .getShardIterator(
                  request ->
                      request
                          .streamName(stream)
                          .shardId(shard.shardId())
                          .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
              .shardIterator();
      while (iterator != null) {
        String from = iterator;
        GetRecordsResponse page = client.getRecords(request -> request.shardIterator(from));
        if (page.records().isEmpty()) break;
        records.addAll(page.records());
        iterator = page.nextShardIterator();
      }
    }
    return records;
  }

  @Override
  public void close() {
    client.close();
    process.destroyForcibly();
  }
}
