package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.kinesis.model.Record;

/** The job as a process, between two streams of kinesalite. */
class AccidentsJobIT {

  private static final String FEED = "live-1";
  private static final long LATENESS_MS = 3_000;

  @TempDir Path folder;

  @Test
  void nothingIsLostOrCountedTwiceWhenTheProcessIsKilledAndAShardIsSplit() throws Exception {
    SampleFeed feed = new SampleFeed(FEED, LATENESS_MS, 11);
    try (Kinesalite kinesis = new Kinesalite()) {
      kinesis.createStream("raw", 2);
      kinesis.createStream("processed", 2);
      Path properties = properties(kinesis.endpoint);

      try (JobProcess job = new JobProcess(properties, folder.resolve("first.log"))) {
        putFor(Duration.ofSeconds(4), kinesis, feed);
        awaitIn(1, kinesis, job);
        awaitCheckpoint(job);
        putFor(Duration.ofSeconds(2), kinesis, feed);
        kinesis.split("raw");
        putFor(Duration.ofSeconds(2), kinesis, feed);
        job.kill();
      }
      putFor(Duration.ofSeconds(1), kinesis, feed);

      try (JobProcess job = new JobProcess(properties, folder.resolve("second.log"))) {
        putFor(Duration.ofSeconds(1), kinesis, feed);
        Received received = awaitSettled(feed, kinesis, job);
        received.assertHolds(feed, FEED);
        assertThat(job.log()).contains("going on from checkpoint");

        job.terminate();
        assertThat(job.waitFor(5)).as("exit code, within 5 s of SIGTERM").isNotNull();
      }
    }
  }

  @Test
  void wrongOptionsAreNamedAllAtOnceAndEndTheProcessWithCode2() throws Exception {
    Path properties =
        Files.writeString(
            folder.resolve("properties.json"),
            """
            [{"PropertyGroupId": "Roadpulse", "PropertyMap": {"lateness.seconds": "soon"}}]
            """);
    try (JobProcess job = new JobProcess(properties, folder.resolve("job.log"))) {
      assertThat(job.waitFor(30)).isEqualTo(2);
      assertThat(job.log())
          .contains("Roadpulse.raw.stream is missing")
          .contains("Roadpulse.lateness.seconds is \"soon\"")
          .contains("Local.checkpoint.dir is missing");
    }
  }

  private Path properties(String endpoint) throws IOException {
    return Files.writeString(
        folder.resolve("properties.json"),
        """
        [{"PropertyGroupId": "Roadpulse", "PropertyMap": {
            "raw.stream": "raw", "processed.stream": "processed", "aws.region": "us-east-1",
            "kinesis.endpoint": "%s", "lateness.seconds": "%d", "tip.slack.seconds": "1"}},
         {"PropertyGroupId": "Local", "PropertyMap": {
            "checkpoint.dir": "%s", "checkpoint.interval.ms": "1000", "parallelism": "2",
            "rest.port": "0"}}]
        """
            .formatted(endpoint, LATENESS_MS / 1_000, folder.resolve("checkpoints")));
  }

  /** Puts some 500 records a second, so that what arrives late is meant to. */
  private static void putFor(Duration duration, Kinesalite kinesis, SampleFeed feed)
      throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    Random random = new Random(feed.in());
    while (System.nanoTime() < end) {
      List<SampleFeed.Put> puts = new ArrayList<>();
      int size = 30 + random.nextInt(40);
      for (int i = 0; i < size; i++) puts.add(feed.next(System.currentTimeMillis()));
      kinesis.put("raw", puts);
      Thread.sleep(100);
    }
  }

  private static void awaitIn(long records, Kinesalite kinesis, JobProcess job) throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(60));
    while (received(kinesis).in(FEED) < records) {
      assertThat(job.isAlive()).as("the job runs; its log: %s", job.log()).isTrue();
      deadline.check("the job counts what it read; its log: " + job.log());
      Thread.sleep(200);
    }
  }

  private void awaitCheckpoint(JobProcess job) throws Exception {
    Path ofJob = folder.resolve("checkpoints").resolve(LocalEnvironment.JOB_ID.toHexString());
    Deadline deadline = Deadline.in(Duration.ofSeconds(30));
    while (LatestCheckpoint.in(ofJob).isEmpty()) {
      assertThat(job.isAlive()).as("the job runs; its log: %s", job.log()).isTrue();
      deadline.check("there is a checkpoint");
      Thread.sleep(100);
    }
  }

  private static Received awaitSettled(SampleFeed feed, Kinesalite kinesis, JobProcess job)
      throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(120));
    while (true) {
      Received received = received(kinesis);
      if (received.in(FEED) == feed.in() && received.windowed() == feed.onTime) return received;
      assertThat(job.isAlive()).as("the job runs; its log: %s", job.log()).isTrue();
      deadline.check("the feed settles; tally " + received.tally(FEED) + "; log: " + job.log());
      Thread.sleep(500);
    }
  }

  private static Received received(Kinesalite kinesis) throws IOException {
    Received received = new Received();
    for (Record record : kinesis.readAll("processed")) {
      received.add(record.data().asByteArrayUnsafe());
    }
    return received;
  }
}
