package roadpulse.job;

import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Judges each reading by what came before it under its feed and partition key: first whether it was
 * sent again, then whether it was rejected, then whether it repeats an accident.
 *
 * <p>State, for each key: the (seq, attempt) of every reading and the id of the first accident,
 * each with its arrival time, and each forgotten H after that arrival. Whether something is
 * forgotten is asked of the two arrival times, so the input alone decides; a timer then frees the
 * memory. It cannot come too early: the watermark stays behind the arrival times of what is still
 * to be read.
 */
public class DeduplicateFunction
    extends KeyedProcessFunction<Tuple2<String, String>, Reading, Judged> {

  /** Timers of a key are gathered on whole minutes. */
  private static final long TIMER_STEP_MS = 60_000;

  private final long rememberMs;

  private transient MapState<Tuple2<Long, Integer>, Long> seen;
  private transient ValueState<FirstSeen> first;

  public DeduplicateFunction(long rememberMs) {
    this.rememberMs = rememberMs;
  }

  @Override
  public void open(OpenContext context) {
    seen =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("seen", Types.TUPLE(Types.LONG, Types.INT), Types.LONG));
    first =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("first", Types.POJO(FirstSeen.class)));
  }

  @Override
  public void processElement(Reading reading, Context context, Collector<Judged> out)
      throws Exception {
    if (reading.feed.equals(Reading.UNKNOWN_FEED)) {
      // Without a seq it cannot be told from another.
      out.collect(new Judged(Verdict.REJECTED, reading, null));
      return;
    }
    if (isResent(reading, context)) {
      out.collect(new Judged(Verdict.RESENT, reading, null));
    } else if (reading.rejection != null) {
      out.collect(new Judged(Verdict.REJECTED, reading, null));
    } else {
      out.collect(judgeAccident(reading));
    }
  }

  private boolean isResent(Reading reading, Context context) throws Exception {
    Tuple2<Long, Integer> put = Tuple2.of(reading.seq, reading.attempt);
    Long before = seen.get(put);
    if (before != null && !isForgotten(before, reading.arrivedAt)) return true;
    seen.put(put, reading.arrivedAt);
    context.timerService().registerEventTimeTimer(timerFor(reading.arrivedAt));
    return false;
  }

  private Judged judgeAccident(Reading reading) throws Exception {
    FirstSeen before = first.value();
    if (before != null && !isForgotten(before.arrivedAt, reading.arrivedAt)) {
      return new Judged(Verdict.REPEATED, reading, before.accidentId);
    }
    first.update(new FirstSeen(reading.accident.accidentId, reading.arrivedAt));
    return new Judged(reading.late ? Verdict.LATE : Verdict.ON_TIME, reading, null);
  }

  private boolean isForgotten(long arrivedAt, long now) {
    return now > arrivedAt + rememberMs;
  }

  private long timerFor(long arrivedAt) {
    long forgottenAt = arrivedAt + rememberMs;
    return Math.floorDiv(forgottenAt + TIMER_STEP_MS - 1, TIMER_STEP_MS) * TIMER_STEP_MS;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Judged> out)
      throws Exception {
    Iterator<Map.Entry<Tuple2<Long, Integer>, Long>> entries = seen.iterator();
    boolean allForgotten = true;
    while (entries.hasNext()) {
      boolean forgotten = entries.next().getValue() + rememberMs <= timestamp;
      if (forgotten) entries.remove();
      allForgotten &= forgotten;
    }
    // On the heap an empty map would stay.
    if (allForgotten) seen.clear();
    FirstSeen accident = first.value();
    if (accident != null && accident.arrivedAt + rememberMs <= timestamp) first.clear();
  }
}
