package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * The job as a process that is killed again and again between two streams on a bad day: each run
 * has another parallelism than the one before, and stream 1 is split and merged while the job runs
 * and while it does not. Then what a consumer has received must be right to the last record.
 *
 * <p>All that is random follows from the seed, but the moments at which the processes meet it.
 */
final class JobOrdeal implements AutoCloseable {

  private static final String FEED = "live-1";
  private static final int[] PARALLELISMS = {2, 1, 3};

  private final Random random;
  private final Kinesalite kinesis = new Kinesalite();
  private final FaultPlan faults;
  private final KinesisProxy proxy;
  private final JobFolder job;
  private final SampleFeed feed;
  private final Received received = new Received();

  /** Records a second. */
  private final int rate;

  private int runs;
  private int reshards;

  JobOrdeal(Path folder, int rate, long seed) throws Exception {
    this.rate = rate;
    random = new Random(seed);
    faults = new FaultPlan(seed);
    proxy = new KinesisProxy(kinesis.endpoint, faults);
    job = new JobFolder(folder, proxy.endpoint);
    feed = new SampleFeed(FEED, JobFolder.LATENESS_MS, seed);
    kinesis.createStream(JobFolder.RAW, 2);
    kinesis.createStream(JobFolder.PROCESSED, 2);
  }

  void surviveKills(int kills) throws Exception {
    for (int i = 0; i < kills; i++) liveAndBeKilled();
    try (JobProcess last = startNext()) {
      putFor(1_000);
      awaitSettled(last);
      received.assertHolds(feed, FEED);
      assertThat(last.log()).contains("going on from checkpoint");
      last.terminate();
      assertThat(last.waitFor(10)).as("exit code, within 10 s of SIGTERM").isNotNull();
    }
    assertTheDayWasBad();
  }

  private void liveAndBeKilled() throws Exception {
    Optional<Path> before = job.latestCheckpoint();
    try (JobProcess run = startNext()) {
      // Most runs get as far as a checkpoint of their own, a quarter only as far as the first
      // envelope.
      boolean isShort = random.nextInt(4) == 0;
      if (isShort) {
        putUntil("an envelope comes", run, () -> consume() > 0);
      } else {
        putUntil("there is a checkpoint", run, () -> !job.latestCheckpoint().equals(before));
      }
      putFor(random.nextInt(1_500));
      reshard();
      putFor(random.nextInt(1_500));
      assertThat(run.isAlive()).as("the job runs until it is killed").isTrue();
      run.kill();
    }
    putFor(random.nextInt(500));
    reshard();
    putFor(random.nextInt(500));
    consume();
  }

  private JobProcess startNext() throws IOException {
    int parallelism = PARALLELISMS[runs % PARALLELISMS.length];
    return job.start("run-" + runs++, parallelism);
  }

  /** Split, merge, merge, split: one run meets it so, the next one the other way round. */
  private void reshard() throws InterruptedException {
    switch (reshards++ % 4) {
      case 0, 3 -> kinesis.split(JobFolder.RAW);
      default -> kinesis.merge(JobFolder.RAW);
    }
  }

  private void putFor(long ms) throws Exception {
    long end = System.nanoTime() + Duration.ofMillis(ms).toNanos();
    while (System.nanoTime() < end) putSome();
  }

  private void putUntil(String awaited, JobProcess run, Callable<Boolean> isSo) throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(60));
    while (!isSo.call()) {
      check(deadline, awaited, run);
      putSome();
    }
  }

  /** What comes in a tenth of a second: as it comes, so that what arrives late is meant to. */
  private void putSome() throws InterruptedException {
    List<SampleFeed.Put> puts = new ArrayList<>();
    int size = 1 + random.nextInt(rate / 5);
    for (int i = 0; i < size; i++) puts.add(feed.next(System.currentTimeMillis()));
    kinesis.put(JobFolder.RAW, puts);
    Thread.sleep(100);
  }

  private void awaitSettled(JobProcess run) throws Exception {
    Deadline deadline = Deadline.in(Duration.ofSeconds(150));
    while (!received.isSettled(feed, FEED)) {
      check(deadline, "the feed settles: " + received.awaited(feed, FEED), run);
      Thread.sleep(200);
      consume();
    }
  }

  private static void check(Deadline deadline, String awaited, JobProcess run) throws IOException {
    assertThat(run.isAlive()).as("the job runs until %s; log: %s", awaited, run.log()).isTrue();
    deadline.check(awaited + "; log: " + run.log());
  }

  /** How many envelopes are new. */
  private int consume() throws IOException {
    List<Record> records = kinesis.readOn(JobFolder.PROCESSED);
    for (Record record : records) received.add(record.data().asByteArrayUnsafe());
    return records.size();
  }

  private void assertTheDayWasBad() {
    Set<FaultPlan.Fault> ofEachCall = EnumSet.allOf(FaultPlan.Fault.class);
    assertThat(faults.met().get("PutRecords")).containsAll(ofEachCall);
    ofEachCall.remove(FaultPlan.Fault.TAKEN_IN_PARTS);
    assertThat(faults.met().get("GetRecords")).containsAll(ofEachCall);
    assertThat(faults.met()).containsKeys("GetShardIterator", "ListShards");
  }

  @Override
  public void close() {
    proxy.close();
    kinesis.close();
  }
}
