package roadpulse.job;

/** A minute of an {@link AreaHistory}. */
public class MinuteCount {
  /** Epoch ms, exclusive. */
  public long end;

  public long count;
  public String state;

  /** Epoch ms at which the feed's first minute began. */
  public long feedStart;

  public MinuteCount() {}

  MinuteCount(AreaMinute minute) {
    end = minute.end;
    count = minute.count;
    state = minute.state;
    feedStart = minute.feedStart;
  }
}
