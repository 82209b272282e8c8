package roadpulse.job;

import java.time.Duration;

/** How many accidents of a feed fell into one minute in one area: a state, or an H3 cell. */
public class AreaMinute {

  static final long MINUTE_MS = Duration.ofMinutes(1).toMillis();

  public String feed;

  /** {@code state} or {@code cell}. */
  public String areaKind;

  public String area;

  /** The alphabetically first state among the accidents: a cell can lie in two. */
  public String state;

  public long count;

  /** Epoch ms, exclusive. */
  public long end;

  /** Epoch ms at which the feed's first minute began; 0 until {@link FeedStartFunction} knows. */
  public long feedStart;

  AreaMinute startedAt(long feedStart) {
    AreaMinute minute = new AreaMinute();
    minute.feed = feed;
    minute.areaKind = areaKind;
    minute.area = area;
    minute.state = state;
    minute.count = count;
    minute.end = end;
    minute.feedStart = feedStart;
    return minute;
  }
}
