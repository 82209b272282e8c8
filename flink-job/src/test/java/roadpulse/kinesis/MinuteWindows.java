package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.metrics.groups.InternalOperatorMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups.UnregisteredTaskMetricGroup;
import org.apache.flink.runtime.metrics.util.InterceptingOperatorMetricGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorBuilder;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.StatusWatermarkValve;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;

/**
 * Flink's own window operator behind all channels of a source, with Flink's own combination of
 * their watermarks: counts records by the minute of their event time. Fails at once when the
 * operator drops a record as late, or when a window comes out again with another content.
 */
final class MinuteWindows {

  private static final String KEY = "all";

  /** What came out: records by the start of their window, in epoch ms. */
  private final Map<Long, Long> counts;

  private final InterceptingOperatorMetricGroup metrics = new InterceptingOperatorMetricGroup();
  private final KeyedOneInputStreamOperatorTestHarness<String, String, Tuple2<Long, Long>> harness;
  private final StatusWatermarkValve valve;
  private final ToOperator toOperator = new ToOperator();

  /** `counts` outlives the operator; `restored` is null for an empty one. */
  MinuteWindows(int channels, Map<Long, Long> counts, OperatorSubtaskState restored) {
    this.counts = counts;
    this.valve = new StatusWatermarkValve(channels);
    try {
      this.harness =
          new KeyedOneInputStreamOperatorTestHarness<>(
              operator(),
              record -> KEY,
              Types.STRING,
              new MockEnvironmentBuilder().setMetricGroup(new TaskMetrics()).build());
      if (restored != null) harness.initializeState(restored);
      harness.open();
    } catch (Exception e) {
      throw new IllegalStateException("the window operator does not start", e);
    }
  }

  private static OneInputStreamOperator<String, Tuple2<Long, Long>> operator() {
    TumblingEventTimeWindows minutes = TumblingEventTimeWindows.of(Duration.ofMinutes(1));
    return new WindowOperatorBuilder<String, String, TimeWindow>(
            minutes,
            minutes.getDefaultTrigger(),
            new ExecutionConfig(),
            Types.STRING,
            record -> KEY,
            Types.STRING)
        .aggregate(new Count(), MinuteWindows::emit, Types.LONG);
  }

  private static void emit(
      String key, TimeWindow window, Iterable<Long> count, Collector<Tuple2<Long, Long>> output) {
    output.collect(Tuple2.of(window.getStart(), count.iterator().next()));
  }

  void emitRecord(String sequence, long eventTime) throws Exception {
    harness.processElement(sequence, eventTime);
    Counter dropped = (Counter) metrics.get("numLateRecordsDropped");
    assertThat(dropped.getCount()).as("records dropped as late, with %s", sequence).isZero();
  }

  void emitWatermark(int channel, Watermark mark) throws Exception {
    valve.inputWatermark(mark, channel, toOperator);
  }

  void emitStatus(int channel, WatermarkStatus status) throws Exception {
    valve.inputWatermarkStatus(status, channel, toOperator);
  }

  OperatorSubtaskState snapshot() {
    try {
      return harness.snapshot(1, 1);
    } catch (Exception e) {
      throw new IllegalStateException("the window operator gives no snapshot", e);
    }
  }

  private static final class Count implements AggregateFunction<String, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(String record, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long a, Long b) {
      return a + b;
    }
  }

  /** What the valve lets through, and what comes out of the windows then. */
  private final class ToOperator implements PushingAsyncDataInput.DataOutput<String> {
    @Override
    public void emitWatermark(Watermark mark) throws Exception {
      harness.processWatermark(mark);
      for (Tuple2<Long, Long> window : harness.extractOutputValues()) {
        Long before = counts.put(window.f0, window.f1);
        assertThat(window.f1)
            .as("content of the window %s that came out before", window.f0)
            .isEqualTo(before == null ? window.f1 : before);
      }
      harness.getOutput().clear();
    }

    @Override
    public void emitWatermarkStatus(WatermarkStatus status) {
      // Windows do nothing with it.
    }

    @Override
    public void emitRecord(StreamRecord<String> record) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void emitLatencyMarker(LatencyMarker marker) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void emitRecordAttributes(RecordAttributes attributes) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void emitWatermark(WatermarkEvent event) {
      throw new UnsupportedOperationException();
    }
  }

  private final class TaskMetrics extends UnregisteredTaskMetricGroup {
    @Override
    public InternalOperatorMetricGroup getOrAddOperator(
        OperatorID operator, String name, Map<String, String> variables) {
      return metrics;
    }
  }
}
