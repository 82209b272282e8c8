package roadpulse.job;

import java.util.ArrayList;
import java.util.List;

/**
 * What is remembered of an area: the baseline, the minutes that are too young for it, and the surge
 * that is on. Only minutes with accidents are kept; how many there were without follows from the
 * times, so an area costs nothing while nothing happens in it.
 */
public class AreaHistory {

  /** Accidents of the minutes in the baseline, each faded until {@link #baselineEnd}. */
  public double faded;

  /** Epoch ms, exclusive: the end of the last minute with accidents in the baseline. */
  public long baselineEnd;

  /** The minutes after that, ascending; those that the watermark has not reached among them. */
  public List<MinuteCount> minutes = new ArrayList<>();

  /** Epoch ms: the start of the feed, as the last minute that was judged knew it. */
  public long feedStart;

  /** Null when there is none. */
  public OpenSurge surge;

  /** Epoch ms at which the baseline has faded; 0 before the first minute was judged. */
  public long fadedAt;

  /** Takes a minute that is later than all before it. */
  void add(AreaMinute minute) {
    minutes.add(new MinuteCount(minute));
  }

  /**
   * Judges the five minutes until {@code end}: once at the end of each minute with accidents, and
   * of each minute while a surge is on, in their order.
   *
   * @return what there is to tell, without the area's name; null for nothing
   */
  Surge judge(long end) {
    long start = end - SurgeRules.WINDOW_MS;
    moveBaseline(start);
    if (end == fadedAt) faded = 0;
    long count = 0;
    String state = null;
    for (MinuteCount minute : minutes) {
      if (minute.end > end) break;
      count += minute.count;
      feedStart = minute.feedStart;
      if (state == null || minute.state.compareTo(state) < 0) state = minute.state;
    }
    fadedAt = end + SurgeRules.WINDOW_MS + SurgeRules.msUntilFaded(fadedUntil(end) + count);
    if (!SurgeRules.isWarm(feedStart, end)) return null;

    NegativeBinomial expected = SurgeRules.expected(fadedUntil(start), start - feedStart);
    return surge == null ? start(end, count, state, expected) : goOn(end, count, expected);
  }

  private void moveBaseline(long start) {
    List<MinuteCount> younger = new ArrayList<>(minutes.size());
    for (MinuteCount minute : minutes) {
      if (minute.end > start) {
        younger.add(minute);
      } else {
        faded = fadedUntil(minute.end) + minute.count;
        baselineEnd = minute.end;
      }
    }
    minutes = younger;
  }

  private double fadedUntil(long time) {
    return faded == 0 ? 0 : faded * SurgeRules.fade(time - baselineEnd);
  }

  private Surge start(long end, long count, String state, NegativeBinomial expected) {
    if (!SurgeRules.starts(expected, count)) return null;
    surge = new OpenSurge();
    surge.state = state;
    surge.startedAt = end;
    surge.highestCount = count;
    surge.expectedSize = expected.size();
    surge.expectedMean = expected.mean();
    return surge.tell(end);
  }

  private Surge goOn(long end, long count, NegativeBinomial expected) {
    surge.highestCount = Math.max(surge.highestCount, count);
    if (!SurgeRules.ends(expected, count)) return null;
    Surge over = surge.tell(end);
    over.endedAt = end;
    surge = null;
    return over;
  }

  /** Whether one of its minutes ends then, and has a timer of its own. */
  boolean hasMinuteUntil(long end) {
    for (MinuteCount minute : minutes) if (minute.end == end) return true;
    return false;
  }

  /** Whether it can be forgotten: as good as one that never had an accident. */
  boolean isEmpty() {
    return faded == 0 && minutes.isEmpty() && surge == null;
  }
}
