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

  private transient ValueState<SeenUnderKey> first;

  /** Puts of a key that has more than {@link SeenUnderKey} takes. */
  private transient MapState<Tuple2<Long, Integer>, Long> more;

  public DeduplicateFunction(long rememberMs) {
    this.rememberMs = rememberMs;
  }

  @Override
  public void open(OpenContext context) {
    first =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("first", Types.POJO(SeenUnderKey.class)));
    more =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>("more", Types.TUPLE(Types.LONG, Types.INT), Types.LONG));
  }

  @Override
  public void processElement(Reading reading, Context context, Collector<Judged> out)
      throws Exception {
    if (reading.feed.equals(Reading.UNKNOWN_FEED)) {
      // Without a seq it cannot be told from another.
      out.collect(new Judged(Verdict.REJECTED, reading, null));
      return;
    }
    SeenUnderKey seen = first.value();
    if (seen == null) seen = new SeenUnderKey();
    if (isResent(reading, seen)) {
      out.collect(new Judged(Verdict.RESENT, reading, null));
      return;
    }
    context.timerService().registerEventTimeTimer(timerFor(reading.arrivedAt));
    out.collect(
        reading.rejection != null
            ? new Judged(Verdict.REJECTED, reading, null)
            : judgeAccident(reading, seen));
    first.update(seen);
  }

  /** Remembers the put unless it is known. */
  private boolean isResent(Reading reading, SeenUnderKey seen) throws Exception {
    int index = seen.indexOf(reading.seq, reading.attempt);
    if (index >= 0) {
      if (!isForgotten(seen.arrivals[index], reading.arrivedAt)) return true;
      seen.arrivals[index] = reading.arrivedAt;
      return false;
    }
    if (!seen.hasMore && !seen.isFull()) {
      seen.add(reading.seq, reading.attempt, reading.arrivedAt);
      return false;
    }
    Tuple2<Long, Integer> put = Tuple2.of(reading.seq, reading.attempt);
    Long before = more.get(put);
    if (before != null && !isForgotten(before, reading.arrivedAt)) return true;
    more.put(put, reading.arrivedAt);
    seen.hasMore = true;
    return false;
  }

  private Judged judgeAccident(Reading reading, SeenUnderKey seen) {
    if (seen.accidentId != null && !isForgotten(seen.accidentArrivedAt, reading.arrivedAt)) {
      return new Judged(Verdict.REPEATED, reading, seen.accidentId);
    }
    seen.accidentId = reading.accident.accidentId;
    seen.accidentArrivedAt = reading.arrivedAt;
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
    SeenUnderKey seen = first.value();
    if (seen == null) return;
    seen.forgetUpTo(timestamp - rememberMs);
    if (seen.hasMore) seen.hasMore = keepsMoreAfter(timestamp - rememberMs);
    if (seen.isEmpty()) {
      first.clear();
    } else {
      first.update(seen);
    }
  }

  /** Forgets what arrived at or before {@code time}, and says whether anything is left. */
  private boolean keepsMoreAfter(long time) throws Exception {
    boolean isAnyLeft = false;
    Iterator<Map.Entry<Tuple2<Long, Integer>, Long>> entries = more.iterator();
    while (entries.hasNext()) {
      boolean forgotten = entries.next().getValue() <= time;
      if (forgotten) entries.remove();
      isAnyLeft |= !forgotten;
    }
    // On the heap an empty map would stay.
    if (!isAnyLeft) more.clear();
    return isAnyLeft;
  }
}
