package roadpulse.job;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the counts of each feed and tells them: within a second of a change, and once more when the
 * watermark has passed the feed's last record, which settles a feed that is over.
 *
 * <p>State, for each feed: its counts, until nothing of it has come for a week of event time, as
 * long as a finished replay is kept elsewhere.
 */
public class TallyFunction extends KeyedProcessFunction<String, FeedCounts, Envelope> {

  private static final long TELL_EVERY_MS = 1_000;
  private static final long KEEP_MS = 7L * 24 * 60 * 60 * 1_000;

  private transient ValueState<FeedCounts> counts;

  @Override
  public void open(OpenContext context) {
    counts =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("counts", Types.POJO(FeedCounts.class)));
  }

  @Override
  public void processElement(FeedCounts delta, Context context, Collector<Envelope> out)
      throws Exception {
    TimerService timers = context.timerService();
    FeedCounts sum = counts.value();
    if (sum == null) {
      sum = new FeedCounts(delta.feed);
    } else {
      timers.deleteEventTimeTimer(sum.lastArrivedAt);
      timers.deleteEventTimeTimer(sum.lastArrivedAt + KEEP_MS);
    }
    sum.add(delta);
    counts.update(sum);
    timers.registerEventTimeTimer(sum.lastArrivedAt);
    timers.registerEventTimeTimer(sum.lastArrivedAt + KEEP_MS);
    long now = timers.currentProcessingTime();
    timers.registerProcessingTimeTimer(now - now % TELL_EVERY_MS + TELL_EVERY_MS);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Envelope> out)
      throws Exception {
    FeedCounts sum = counts.value();
    if (sum == null) return;
    boolean isOver = timestamp == sum.lastArrivedAt + KEEP_MS;
    if (isOver) {
      counts.clear();
      return;
    }
    // Before the first watermark nothing is known to be complete.
    long watermark = Math.max(context.timerService().currentWatermark(), 0);
    out.collect(EnvelopeEncoder.tally(sum, watermark));
  }
}
