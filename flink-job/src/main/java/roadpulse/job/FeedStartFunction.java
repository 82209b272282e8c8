package roadpulse.job;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Tells each minute of an area when its feed began: without it the minutes before an area's first
 * accident could not be counted. A minute waits for the watermark, for which one is the first is
 * not known before; so minutes also leave in their order.
 *
 * <p>State, for each feed: the minutes that wait; its start and its last minute, until it has been
 * silent for {@link SurgeRules#FEED_SILENCE_MS}.
 */
public class FeedStartFunction extends KeyedProcessFunction<String, AreaMinute, AreaMinute> {

  private transient MapState<Tuple3<Long, String, String>, AreaMinute> waiting;

  /** The start of the feed's first minute, and the end of its last one. */
  private transient ValueState<Tuple2<Long, Long>> span;

  @Override
  public void open(OpenContext context) {
    waiting =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "waiting",
                    Types.TUPLE(Types.LONG, Types.STRING, Types.STRING),
                    TypeInformation.of(AreaMinute.class)));
    span =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("span", Types.TUPLE(Types.LONG, Types.LONG)));
  }

  @Override
  public void processElement(AreaMinute minute, Context context, Collector<AreaMinute> out)
      throws Exception {
    waiting.put(Tuple3.of(minute.end, minute.areaKind, minute.area), minute);
    context.timerService().registerEventTimeTimer(minute.end - 1);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<AreaMinute> out)
      throws Exception {
    long end = timestamp + 1;
    Tuple2<Long, Long> feed = span.value();
    if (feed != null && end == silentAt(feed)) {
      span.clear();
      feed = null;
    }
    List<AreaMinute> minutes = takeWaiting(end);
    if (minutes.isEmpty()) return;

    long start = feed == null ? end - AreaMinute.MINUTE_MS : feed.f0;
    if (feed != null && !isAwaited(silentAt(feed))) {
      context.timerService().deleteEventTimeTimer(silentAt(feed) - 1);
    }
    feed = Tuple2.of(start, end);
    span.update(feed);
    context.timerService().registerEventTimeTimer(silentAt(feed) - 1);
    for (AreaMinute minute : minutes) out.collect(minute.startedAt(start));
  }

  private List<AreaMinute> takeWaiting(long end) throws Exception {
    List<AreaMinute> taken = new ArrayList<>();
    Iterator<AreaMinute> minutes = waiting.values().iterator();
    boolean isLast = true;
    while (minutes.hasNext()) {
      AreaMinute minute = minutes.next();
      if (minute.end == end) {
        taken.add(minute);
        minutes.remove();
      } else {
        isLast = false;
      }
    }
    // On the heap an empty map would stay.
    if (isLast) waiting.clear();
    return taken;
  }

  /** Whether a minute that waits has a timer then: a watermark that leaps finds hours of them. */
  private boolean isAwaited(long end) throws Exception {
    for (Tuple3<Long, String, String> minute : waiting.keys()) if (minute.f0 == end) return true;
    return false;
  }

  private static long silentAt(Tuple2<Long, Long> feed) {
    return feed.f1 + SurgeRules.FEED_SILENCE_MS;
  }
}
