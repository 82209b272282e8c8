package roadpulse.kinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.streaming.api.operators.source.TimestampsAndWatermarks;
import org.apache.flink.streaming.runtime.tasks.TestProcessingTimeService;
import org.apache.flink.util.Collector;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.clock.SystemClock;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * An enumerator and its readers over a {@link FakeStream}, with Flink's own combination of split
 * watermarks, in virtual time: events between them take a while, threads do not exist.
 */
final class SimulatedSource {

  static final Duration LATENESS = Duration.ofSeconds(30);
  static final Duration TIP_SLACK = Duration.ofSeconds(10);
  private static final ReadSettings SETTINGS = new ReadSettings(LATENESS, TIP_SLACK, 1);

  /** What a checkpoint holds: the source's part as bytes, and that of the windows behind it. */
  record Snapshot(
      int enumeratorVersion,
      byte[] enumerator,
      int splitVersion,
      List<byte[]> splits,
      OperatorSubtaskState windows) {}

  private static final String REGION = "us-east-1";
  private static final String STREAM = "stream";
  private static final KinesisStreamsSourceEnumeratorStateSerializer ENUMERATOR_STATE =
      new KinesisStreamsSourceEnumeratorStateSerializer();
  private static final KinesisShardSplitSerializer SPLITS = new KinesisShardSplitSerializer();

  private final ManualTime time;
  private final FakeStream stream;
  private final Random random;
  private final Map<String, Long> eventTimes;
  private final MinuteWindows windows;
  private final KinesisStreamsSourceEnumerator enumerator;
  private final List<SimulatedReader> readers = new ArrayList<>();
  private boolean stopped;

  /**
   * @param eventTimes of each record
   * @param minutes what came out of the windows, by their start
   * @param restored null for a job that starts from nothing
   */
  SimulatedSource(
      ManualTime time,
      FakeStream stream,
      int parallelism,
      Map<String, Long> eventTimes,
      Map<Long, Long> minutes,
      Random random,
      Snapshot restored) {
    this.time = time;
    this.stream = stream;
    this.random = random;
    this.eventTimes = eventTimes;
    this.windows =
        new MinuteWindows(parallelism, minutes, restored == null ? null : restored.windows());
    this.enumerator =
        new KinesisStreamsSourceEnumerator(
            new EnumeratorContext(parallelism), STREAM, stream, enumeratorState(restored));
    for (int subtask = 0; subtask < parallelism; subtask++)
      readers.add(new SimulatedReader(subtask));
    if (restored != null) {
      for (int i = 0; i < restored.splits().size(); i++) {
        readers.get(i % parallelism).reader.addSplits(List.of(split(restored, i)));
      }
    }
    enumerator.start();
    for (SimulatedReader reader : readers) {
      time.schedule(reader::register, random.nextInt(3_000));
    }
  }

  /** Lets time pass; the readers run in between. */
  void run(Duration duration) throws Exception {
    for (long passed = 0; passed < duration.toMillis(); passed += 50) {
      time.advance(Duration.ofMillis(50));
      for (SimulatedReader reader : readers) reader.poll();
    }
  }

  /** Pauses a shard of each reader, as watermark alignment would, and resumes the one before. */
  void pauseAny() {
    resumeAll();
    for (SimulatedReader reader : readers) {
      List<KinesisShardSplit> splits = reader.reader.snapshotState(0);
      if (splits.isEmpty()) continue;
      reader.paused.add(splits.get(random.nextInt(splits.size())).shardId());
      reader.reader.pauseOrResumeSplits(reader.paused, List.of());
    }
  }

  void resumeAll() {
    for (SimulatedReader reader : readers) {
      reader.reader.pauseOrResumeSplits(List.of(), reader.paused);
      reader.paused.clear();
    }
  }

  /**
   * As Flink takes it: events that the enumerator sent before its own snapshot arrive before the
   * readers'.
   */
  Snapshot snapshot() throws IOException {
    byte[] enumeratorBytes = ENUMERATOR_STATE.serialize(enumerator.snapshotState(1));
    List<byte[]> splits = new ArrayList<>();
    for (SimulatedReader reader : readers) {
      reader.deliverAll();
      for (KinesisShardSplit split : reader.reader.snapshotState(1)) {
        splits.add(SPLITS.serialize(split));
      }
    }
    return new Snapshot(
        ENUMERATOR_STATE.getVersion(),
        enumeratorBytes,
        SPLITS.getVersion(),
        splits,
        windows.snapshot());
  }

  void stop() {
    stopped = true;
    readers.forEach(reader -> reader.reader.close());
  }

  List<CheckedChannel> channels() {
    return readers.stream().map(reader -> reader.channel).toList();
  }

  List<String> received() {
    return readers.stream().flatMap(reader -> reader.channel.received.stream()).toList();
  }

  /** The watermark of an operator behind all channels. */
  long watermark() {
    return readers.stream()
        .map(reader -> reader.channel)
        .filter(channel -> !channel.isIdle())
        .mapToLong(CheckedChannel::watermark)
        .min()
        .orElse(Long.MIN_VALUE);
  }

  private static KinesisStreamsSourceEnumeratorState enumeratorState(Snapshot restored) {
    if (restored == null) return new KinesisStreamsSourceEnumeratorState(STREAM, Set.of());
    try {
      return ENUMERATOR_STATE.deserialize(restored.enumeratorVersion(), restored.enumerator());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KinesisShardSplit split(Snapshot restored, int index) {
    try {
      return SPLITS.deserialize(restored.splitVersion(), restored.splits().get(index));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class SimulatedReader {
    final int subtask;
    final KinesisStreamsSourceReader<String> reader;
    final CheckedChannel channel;
    final ReaderOutput<String> output;
    final TimestampsAndWatermarks<String> eventTime;

    /** Events of the enumerator that are on their way here. */
    private final List<Runnable> inbox = new ArrayList<>();

    private final List<String> paused = new ArrayList<>();
    private boolean registered;

    SimulatedReader(int subtask) {
      this.subtask = subtask;
      this.channel = new CheckedChannel(eventTimes, windows, subtask);
      ReaderContext context = new ReaderContext(subtask);
      this.reader =
          new KinesisStreamsSourceReader<>(
              context,
              new SequenceNumbers(),
              REGION,
              STREAM,
              stream,
              SETTINGS,
              time.executor(),
              time);
      this.eventTime =
          TimestampsAndWatermarks.createProgressiveEventTimeLogic(
              WatermarkStrategy.noWatermarks(),
              new UnregisteredMetricsGroup(),
              new TestProcessingTimeService(),
              200,
              SystemClock.getInstance(),
              SystemClock.getInstance(),
              UnregisteredMetricGroups.createUnregisteredTaskMetricGroup().getIOMetricGroup());
      this.output = eventTime.createMainOutput(channel, new IgnoredUpdates());
    }

    void register() {
      if (stopped) return;
      enumerator.addReader(subtask);
      reader.start();
      registered = true;
    }

    void poll() throws Exception {
      if (!registered) return;
      while (reader.pollNext(output) == InputStatus.MORE_AVAILABLE) {
        // Until nothing is left.
      }
      eventTime.emitImmediateWatermark(time.millis());
    }

    void later(Runnable event) {
      inbox.add(event);
      time.schedule(this::deliverOne, 1 + random.nextInt(500));
    }

    /** One event is due; it is the oldest, for events of a channel stay in order. */
    private void deliverOne() {
      if (!stopped && !inbox.isEmpty()) inbox.remove(0).run();
    }

    void deliverAll() {
      while (!inbox.isEmpty()) inbox.remove(0).run();
    }
  }

  private final class EnumeratorContext implements SplitEnumeratorContext<KinesisShardSplit> {
    private final int parallelism;

    EnumeratorContext(int parallelism) {
      this.parallelism = parallelism;
    }

    @Override
    public void sendEventToSourceReader(int subtask, SourceEvent event) {
      SimulatedReader reader = readers.get(subtask);
      reader.later(() -> reader.reader.handleSourceEvents(event));
    }

    @Override
    public void assignSplits(SplitsAssignment<KinesisShardSplit> assignments) {
      assignments
          .assignment()
          .forEach(
              (subtask, splits) -> {
                SimulatedReader reader = readers.get(subtask);
                reader.later(() -> reader.reader.addSplits(splits));
              });
    }

    @Override
    public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
      time.schedule(
          () -> {
            if (!stopped) call(callable, handler);
          },
          1 + random.nextInt(200));
    }

    private <T> void call(Callable<T> callable, BiConsumer<T, Throwable> handler) {
      T result = null;
      Throwable fault = null;
      try {
        result = callable.call();
      } catch (Exception e) {
        fault = e;
      }
      handler.accept(result, fault);
    }

    @Override
    public <T> void callAsync(
        Callable<T> callable, BiConsumer<T, Throwable> handler, long initialDelay, long period) {
      time.schedule(
          () -> {
            if (stopped) return;
            call(callable, handler);
            callAsync(callable, handler, period, period);
          },
          initialDelay);
    }

    @Override
    public int currentParallelism() {
      return parallelism;
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void signalNoMoreSplits(int subtask) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void runInCoordinatorThread(Runnable runnable) {
      throw new UnsupportedOperationException();
    }
  }

  private final class ReaderContext implements SourceReaderContext {
    private final int subtask;

    /** When the last event sent arrives: events of a channel stay in order. */
    private long arrivesAt;

    ReaderContext(int subtask) {
      this.subtask = subtask;
    }

    @Override
    public void sendSourceEventToCoordinator(SourceEvent event) {
      arrivesAt = Math.max(arrivesAt, time.millis() + 1 + random.nextInt(500));
      time.schedule(
          () -> {
            if (!stopped) enumerator.handleSourceEvent(subtask, event);
          },
          arrivesAt - time.millis());
    }

    @Override
    public SourceReaderMetricGroup metricGroup() {
      return InternalSourceReaderMetricGroup.mock(new UnregisteredMetricsGroup());
    }

    @Override
    public Configuration getConfiguration() {
      return new Configuration();
    }

    @Override
    public String getLocalHostName() {
      return "localhost";
    }

    @Override
    public int getIndexOfSubtask() {
      return subtask;
    }

    @Override
    public void sendSplitRequest() {
      throw new UnsupportedOperationException();
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
      throw new UnsupportedOperationException();
    }
  }

  private static final class IgnoredUpdates
      implements TimestampsAndWatermarks.WatermarkUpdateListener {
    @Override
    public void updateIdle(boolean isIdle) {}

    @Override
    public void updateCurrentEffectiveWatermark(long watermark) {}

    @Override
    public void updateCurrentSplitWatermark(String splitId, long watermark) {}

    @Override
    public void updateCurrentSplitIdle(String splitId, boolean idle) {}

    @Override
    public void splitFinished(String splitId) {}
  }

  private static final class SequenceNumbers implements KinesisDeserializationSchema<String> {
    @Override
    public void deserialize(
        Record record, String stream, String shardId, Collector<String> output) {
      output.collect(record.sequenceNumber());
    }

    @Override
    public TypeInformation<String> getProducedType() {
      return Types.STRING;
    }
  }
}
