package roadpulse.kinesis;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Emits the records of its shards, and their watermarks: each shard's by the rule of {@link
 * ReadProgress}, on the shard's own output, of which Flink takes the smallest.
 *
 * <p>No watermark leaves before the enumerator said that the assignment is complete, an ended shard
 * keeps its output (and so its last watermark) until the enumerator releases it, and the reader
 * calls itself idle only when the enumerator said that nothing is meant for it.
 *
 * <p>All methods run on the task's thread; the pollers' threads only touch {@link #pages}.
 */
final class KinesisStreamsSourceReader<T> implements SourceReader<T, KinesisShardSplit> {

  private final SourceReaderContext context;
  private final KinesisDeserializationSchema<T> schema;
  private final String streamName;
  private final StreamProxy stream;
  private final ReadSettings settings;
  private final ReadPace pace;
  private final Clock clock;
  private final Counter recordsIn;
  private final ShardMetrics shardMetrics;

  private final ScheduledExecutorService executor;
  private final PageQueue pages = new PageQueue();

  private final Map<String, OwnedShard> shards = new LinkedHashMap<>();
  private boolean started;

  private boolean assignmentComplete;
  private boolean nothingForMe;

  /**
   * What the enumerator said and {@link #pollNext} has not done yet: outputs are only at hand
   * there.
   */
  private boolean announcementsPending;

  private final List<String> releasing = new ArrayList<>();

  private OwnedShard currentShard;
  private ShardPage currentPage;
  private Iterator<Record> currentRecords;
  private SourceOutput<T> currentOutput;
  private final Collector<T> collector;
  private long currentArrival;

  KinesisStreamsSourceReader(
      SourceReaderContext context,
      KinesisDeserializationSchema<T> schema,
      String region,
      String streamName,
      StreamProxy stream,
      ReadSettings settings,
      ScheduledExecutorService executor,
      Clock clock) {
    this.context = context;
    this.schema = schema;
    this.streamName = streamName;
    this.stream = stream;
    this.settings = settings;
    this.pace = new ReadPace(settings.share());
    this.clock = clock;
    this.recordsIn = context.metricGroup().getIOMetricGroup().getNumRecordsInCounter();
    this.shardMetrics = new ShardMetrics(context.metricGroup(), region, streamName);
    this.executor = executor;
    this.collector = new ShardCollector();
  }

  @Override
  public void start() {
    started = true;
    reportShards();
  }

  @Override
  public void addSplits(List<KinesisShardSplit> splits) {
    for (KinesisShardSplit split : splits) {
      OwnedShard shard = new OwnedShard(split, settings, clock);
      shards.put(split.shardId(), shard);
      shardMetrics.register(split.shardId(), shard::millisBehindLatest);
      if (!shard.isEnded()) {
        shard.readBy(new ShardPoller(split, stream, executor, pages, pace, clock));
      }
    }
    nothingForMe = false;
    announcementsPending = true;
    if (started) reportShards();
  }

  private void reportShards() {
    List<String> reading = new ArrayList<>();
    List<String> ended = new ArrayList<>();
    shards.forEach((id, shard) -> (shard.isEnded() ? ended : reading).add(id));
    context.sendSourceEventToCoordinator(new ShardsHeldEvent(reading, ended));
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    AssignmentEvent assignment = (AssignmentEvent) event;
    assignmentComplete = assignment.complete();
    nothingForMe = assignment.nothingForYou();
    for (String id : assignment.released()) {
      if (shards.remove(id) == null) continue;
      releasing.add(id);
      shardMetrics.unregister(id);
    }
    announcementsPending = true;
    if (!assignment.released().isEmpty()) reportShards();
    pages.wake();
  }

  @Override
  public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
    if (announcementsPending) announce(output);
    if (currentPage == null && !takePage(output)) return InputStatus.NOTHING_AVAILABLE;
    if (currentRecords.hasNext()) {
      emit(currentRecords.next());
    } else {
      finishPage();
    }
    return InputStatus.MORE_AVAILABLE;
  }

  private void announce(ReaderOutput<T> output) {
    announcementsPending = false;
    if (!assignmentComplete) return;
    // First all outputs, so that each shard holds the watermark back before another raises it; last
    // what is let go.
    for (String id : shards.keySet()) output.createOutputForSplit(id);
    shards.forEach((id, shard) -> emitWatermark(shard, output.createOutputForSplit(id)));
    for (String id : releasing) {
      // Flink takes a reader for idle only when the last of its outputs was.
      output.createOutputForSplit(id).markIdle();
      output.releaseOutputForSplit(id);
    }
    releasing.clear();
    if (nothingForMe) {
      output.markIdle();
    } else {
      output.markActive();
    }
  }

  private boolean takePage(ReaderOutput<T> output) {
    ShardPage page = pages.poll();
    if (page == null) return false;
    currentPage = page;
    currentShard = shards.get(page.shardId());
    currentOutput = output.createOutputForSplit(page.shardId());
    currentRecords = page.records().iterator();
    currentShard.pageTaken(page);
    return true;
  }

  private void emit(Record record) throws Exception {
    recordsIn.inc();
    currentArrival = record.approximateArrivalTimestamp().toEpochMilli();
    schema.deserialize(record, streamName, currentPage.shardId(), collector);
    currentShard.recordEmitted(record.sequenceNumber(), currentArrival);
  }

  private void finishPage() {
    currentShard.pageEmitted(currentPage);
    if (assignmentComplete) emitWatermark(currentShard, currentOutput);
    if (currentPage.ended()) reportShards();
    currentPage = null;
  }

  private void emitWatermark(OwnedShard shard, SourceOutput<T> output) {
    if (shard.progress.hasWatermark()) {
      output.emitWatermark(new Watermark(shard.progress.watermark()));
    }
  }

  @Override
  public List<KinesisShardSplit> snapshotState(long checkpointId) {
    return shards.values().stream().map(OwnedShard::toSplit).toList();
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return currentPage != null ? CompletableFuture.completedFuture(null) : pages.available();
  }

  @Override
  public void notifyNoMoreSplits() {
    // The stream has no end.
  }

  @Override
  public void pauseOrResumeSplits(
      Collection<String> splitsToPause, Collection<String> splitsToResume) {
    for (String id : splitsToPause) {
      OwnedShard shard = shards.get(id);
      if (shard != null) shard.pause();
    }
    for (String id : splitsToResume) {
      OwnedShard shard = shards.get(id);
      if (shard != null) shard.resume();
    }
  }

  @Override
  public void close() {
    shards.values().forEach(OwnedShard::close);
    executor.shutdownNow();
    stream.close();
  }

  private final class ShardCollector implements Collector<T> {
    @Override
    public void collect(T element) {
      currentOutput.collect(element, currentArrival);
    }

    @Override
    public void close() {
      // Nothing to close: the output belongs to the shard.
    }
  }
}
