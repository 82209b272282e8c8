package roadpulse.job;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds up verdicts by feed, and tells what came since it last told: before each checkpoint barrier,
 * before each watermark, and at least every second. It also logs, at debug, which accident each
 * repeat repeats.
 *
 * <p>It has no state. What it had counted before a barrier went out in front of that barrier, so it
 * is in the checkpoint of {@link TallyFunction}; what it counts after it, a restart counts again.
 * And a watermark never overtakes the counts of the records that it covers.
 */
public class CountVerdictsOperator extends AbstractStreamOperator<FeedCounts>
    implements OneInputStreamOperator<Judged, FeedCounts> {

  private static final Logger LOG = LoggerFactory.getLogger(CountVerdictsOperator.class);

  private static final long TELL_WITHIN_MS = 1_000;

  private transient Map<String, FeedCounts> deltas;

  @Override
  public void open() throws Exception {
    super.open();
    deltas = new HashMap<>();
  }

  @Override
  public void processElement(StreamRecord<Judged> element) {
    if (deltas.isEmpty()) {
      long now = getProcessingTimeService().getCurrentProcessingTime();
      getProcessingTimeService().registerTimer(now + TELL_WITHIN_MS, time -> tell());
    }
    Judged judged = element.getValue();
    if (judged.verdict == Verdict.REPEATED && LOG.isDebugEnabled()) {
      LOG.debug(
          "repeated: feed={} seq={} id={} repeats={}",
          judged.reading.feed,
          judged.reading.seq,
          judged.reading.accident.accidentId,
          judged.repeats);
    }
    deltas.computeIfAbsent(judged.reading.feed, FeedCounts::new).count(judged);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
    tell();
    super.prepareSnapshotPreBarrier(checkpointId);
  }

  @Override
  public void processWatermark(Watermark watermark) throws Exception {
    tell();
    super.processWatermark(watermark);
  }

  @Override
  public void finish() throws Exception {
    tell();
    super.finish();
  }

  private void tell() {
    for (FeedCounts delta : deltas.values()) output.collect(new StreamRecord<>(delta));
    deltas.clear();
  }
}
