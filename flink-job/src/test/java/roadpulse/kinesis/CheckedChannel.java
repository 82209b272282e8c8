package roadpulse.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.io.PushingAsyncDataInput;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/**
 * What one reader sends downstream, checked as it comes: an on-time record is never behind the
 * watermark of its own channel, nor on an idle one. Then no operator can find it late, in whatever
 * order it takes its channels; the windows behind them try one such order.
 */
final class CheckedChannel implements PushingAsyncDataInput.DataOutput<String> {

  final List<String> received = new ArrayList<>();
  private final Map<String, Long> eventTimes;
  private final MinuteWindows windows;
  private final int index;
  private long watermark = Long.MIN_VALUE;
  private boolean idle;

  /** `eventTimes`: of each record, all of them on time. `index`: of the channel at the windows. */
  CheckedChannel(Map<String, Long> eventTimes, MinuteWindows windows, int index) {
    this.eventTimes = eventTimes;
    this.windows = windows;
    this.index = index;
  }

  long watermark() {
    return watermark;
  }

  boolean isIdle() {
    return idle;
  }

  @Override
  public void emitRecord(StreamRecord<String> record) throws Exception {
    String sequence = record.getValue();
    assertThat(idle).as("record %s on an idle channel", sequence).isFalse();
    assertThat(eventTimes.get(sequence))
        .as("event time of the on-time record %s against the watermark before it", sequence)
        .isGreaterThan(watermark);
    received.add(sequence);
    windows.emitRecord(sequence, eventTimes.get(sequence));
  }

  @Override
  public void emitWatermark(Watermark mark) throws Exception {
    assertThat(mark.getTimestamp()).isGreaterThan(watermark);
    watermark = mark.getTimestamp();
    windows.emitWatermark(index, mark);
  }

  @Override
  public void emitWatermarkStatus(WatermarkStatus status) throws Exception {
    idle = status.isIdle();
    windows.emitStatus(index, status);
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
