package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import roadpulse.job.KinesisProxy.Answer;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Where the job could only go on by losing records, the process ends by itself, at once, and says
 * what is to be done. Each run of the job is a process.
 */
class LoudEndIT {

  /** Far less than all restarts together take: none is tried. */
  private static final long SECONDS_TO_END = 15;

  private static final double SECONDS_OF_A_DAY = 86_400;

  @TempDir Path folder;

  private Kinesalite kinesis;
  private SampleFeed feed;

  @BeforeEach
  void createStreams() throws Exception {
    kinesis = new Kinesalite();
    kinesis.createStream(JobFolder.RAW, 2);
    kinesis.createStream(JobFolder.PROCESSED, 1);
    feed = new SampleFeed("live-1", JobFolder.LATENESS_MS, 5);
  }

  @AfterEach
  void stopKinesis() {
    kinesis.close();
  }

  @Test
  void aStreamThatIsReadAndDisappearsEndsTheProcessAndIsNamed() throws Exception {
    assertEndsWithout(JobFolder.RAW);
  }

  @Test
  @Tag("long")
  void aStreamThatIsWrittenAndDisappearsEndsTheProcessAndIsNamed() throws Exception {
    assertEndsWithout(JobFolder.PROCESSED);
  }

  private void assertEndsWithout(String stream) throws Exception {
    put();
    try (JobProcess job = new JobFolder(folder, kinesis.endpoint).start("job", 2)) {
      awaitEnvelopes(job);
      kinesis.delete(stream);
      if (stream.equals(JobFolder.PROCESSED)) put();
      assertEndsLoudly(
          job, "the stream " + stream + " does not exist here", "correct its name or region");
    }
  }

  @Test
  void aCheckpointOlderThanTheRetentionIsNotReadOnFromTheOldestRecordThatIsLeft() throws Exception {
    put();
    try (KinesisProxy twoDaysAgo = new KinesisProxy(kinesis.endpoint, LoudEndIT::asOfTwoDaysAgo)) {
      leaveACheckpointBehind(new JobFolder(folder, twoDaysAgo.endpoint));
    }
    put();
    assertDoesNotGoOn(new JobFolder(folder, kinesis.endpoint), "longer ago than the retention");
  }

  @Test
  @Tag("long")
  void theChildrenOfAShardThatExpiredUnreadAreNotReadInItsPlace() throws Exception {
    put();
    leaveACheckpointBehind(new JobFolder(folder, kinesis.endpoint));
    put();
    kinesis.split(JobFolder.RAW);
    try (KinesisProxy later = new KinesisProxy(kinesis.endpoint, LoudEndIT::withoutClosedShards)) {
      assertDoesNotGoOn(new JobFolder(folder, later.endpoint), "expired before they were read");
    }
  }

  private void leaveACheckpointBehind(JobFolder job) throws Exception {
    try (JobProcess first = job.start("first", 1)) {
      awaitEnvelopes(first);
      Path before = job.latestCheckpoint().orElse(null);
      Deadline deadline = Deadline.in(Duration.ofSeconds(30));
      while (job.latestCheckpoint().isEmpty() || job.latestCheckpoint().get().equals(before)) {
        deadline.check("there is a checkpoint of what was read; log: " + first.log());
        Thread.sleep(50);
      }
      first.kill();
    }
  }

  private void assertDoesNotGoOn(JobFolder job, String reason) throws Exception {
    long start = System.currentTimeMillis();
    try (JobProcess second = job.start("second", 1)) {
      assertEndsLoudly(
          second,
          reason,
          "records are lost to this job",
          "of the stream raw",
          "replay the raw layer");
    }
    // It may send again what the checkpoint says was not acknowledged.
    for (Record record : kinesis.readOn(JobFolder.PROCESSED)) {
      JsonNode envelope = EventSchemas.parse(record.data().asByteArrayUnsafe());
      assertThat(envelope.get("emitted_at").asLong())
          .as("made by the first run: %s", envelope)
          .isLessThan(start);
    }
  }

  private static void assertEndsLoudly(JobProcess job, String... said) throws Exception {
    // The time to come up, for a run that has just been started.
    Deadline up = Deadline.in(Duration.ofSeconds(60));
    while (job.isAlive() && !job.log().contains("shard")) {
      up.check("the job is up; log: " + job.log());
      Thread.sleep(50);
    }
    assertThat(job.waitFor(SECONDS_TO_END)).as("exit code; log: %s", job.log()).isEqualTo(1);
    assertThat(job.log()).contains(said);
  }

  private void awaitEnvelopes(JobProcess job) throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(60));
    while (kinesis.readOn(JobFolder.PROCESSED).isEmpty()) {
      assertThat(job.isAlive()).as("the job runs; log: %s", job.log()).isTrue();
      deadline.check("an envelope comes; log: " + job.log());
      Thread.sleep(50);
    }
  }

  private void put() {
    List<SampleFeed.Put> puts = new ArrayList<>();
    for (int i = 0; i < 100; i++) puts.add(feed.next(System.currentTimeMillis()));
    kinesis.put(JobFolder.RAW, puts);
  }

  /**
   * Kinesis two days ago, with more to come, as a job sees it that has much to catch up with. What
   * it leaves behind is a checkpoint of that day.
   */
  private static Answer asOfTwoDaysAgo(KinesisProxy.Call call, KinesisProxy.Kinesis kinesis)
      throws IOException, InterruptedException {
    Answer answer = kinesis.answer(call);
    if (!call.operation().equals("GetRecords")) return answer;
    ((ObjectNode) answer.body()).put("MillisBehindLatest", 1_000);
    for (JsonNode record : answer.body().get("Records")) {
      double arrived = record.get("ApproximateArrivalTimestamp").asDouble();
      ((ObjectNode) record).put("ApproximateArrivalTimestamp", arrived - 2 * SECONDS_OF_A_DAY);
    }
    return answer;
  }

  /** Kinesis when a day has passed since the split. */
  private static Answer withoutClosedShards(KinesisProxy.Call call, KinesisProxy.Kinesis kinesis)
      throws IOException, InterruptedException {
    Answer answer = kinesis.answer(call);
    if (!call.operation().equals("ListShards")) return answer;
    ArrayNode shards = (ArrayNode) answer.body().get("Shards");
    for (int i = shards.size() - 1; i >= 0; i--) {
      if (shards.at("/%d/SequenceNumberRange/EndingSequenceNumber".formatted(i)).isTextual()) {
        shards.remove(i);
      }
    }
    return answer;
  }
}
