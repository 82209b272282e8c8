package roadpulse.job;

import static roadpulse.job.AreaMinute.MINUTE_MS;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Finds surges, by {@link SurgeRules}: tells when one starts in an area and when it is over.
 *
 * <p>A minute waits for its timer, for several can come before one watermark. There is one at the
 * end of each minute with accidents, one at the end of each minute while a surge is on, and one for
 * when the baseline has faded; in between nothing can change. So the counts alone decide, however
 * the watermark moves.
 *
 * <p>State, for each (feed, area kind, area): its {@link AreaHistory}, until the baseline has faded
 * and no surge is on: two hours after a single accident, half a day after a busy state's last.
 */
public class SurgeFunction
    extends KeyedProcessFunction<Tuple3<String, String, String>, AreaMinute, Surge> {

  private transient ValueState<AreaHistory> history;

  @Override
  public void open(OpenContext context) {
    history =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("history", Types.POJO(AreaHistory.class)));
  }

  @Override
  public void processElement(AreaMinute minute, Context context, Collector<Surge> out)
      throws Exception {
    AreaHistory area = history.value();
    if (area == null) area = new AreaHistory();
    area.add(minute);
    history.update(area);
    context.timerService().registerEventTimeTimer(minute.end - 1);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Surge> out)
      throws Exception {
    AreaHistory area = history.value();
    long end = timestamp + 1;
    if (area.fadedAt > end && !area.hasMinuteUntil(area.fadedAt)) {
      context.timerService().deleteEventTimeTimer(area.fadedAt - 1);
    }

    Surge surge = area.judge(end);
    if (surge != null) {
      surge.feed = context.getCurrentKey().f0;
      surge.areaKind = context.getCurrentKey().f1;
      surge.area = context.getCurrentKey().f2;
      out.collect(surge);
    }

    if (area.isEmpty()) {
      history.clear();
      return;
    }
    history.update(area);
    context.timerService().registerEventTimeTimer(area.fadedAt - 1);
    if (area.surge != null) context.timerService().registerEventTimeTimer(end + MINUTE_MS - 1);
  }
}
