package roadpulse.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.uber.h3core.H3Core;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Raw events of one feed with repeats, rejected, late and resent ones in between, and what must
 * become of them, counted here as they are made and not by the job's own code.
 */
final class SampleFeed {

  /** A record that is to be put. */
  record Put(String partitionKey, byte[] data) {}

  private static final String[] STATES = {"CA", "FL", "TX", "OH"};
  static final String SURGE_STATE = "NV";
  private static final String[] CITIES = {"Columbia", "Springfield"};
  private static final String[] COUNTIES = {"Clark", "Jackson", "Montgomery"};

  private static final long MINUTE_MS = 60_000;
  private static final int CELL_RESOLUTION = 6;
  private static final H3Core H3 = h3();

  private final String feed;
  private final long latenessMs;
  private final Random random;
  private final List<Put> sent = new ArrayList<>();
  private long seq;

  long resent;
  long rejected;
  long repeated;
  long onTime;
  long late;

  /** Accidents on time by "state severity minute". */
  final Map<String, Long> minutes = new TreeMap<>();

  /** Of each accident by its event's id, the id of its row: the first valid one of its key. */
  final Map<String, String> winners = new HashMap<>();

  /** Accidents on time, one by one. */
  final List<OnTime> accidents = new ArrayList<>();

  /** Whether most rows are of one cell of a state that has none otherwise. */
  boolean isSurge;

  /** What windows are made of. */
  record OnTime(
      long eventTime, String state, String county, String city, String cell, int severity) {}

  SampleFeed(String feed, long latenessMs, long seed) {
    this.feed = feed;
    this.latenessMs = latenessMs;
    this.random = new Random(seed);
  }

  long in() {
    return resent + rejected + repeated + onTime + late;
  }

  /** Epoch ms: the ends of the minutes from the first accident on time to the last. */
  SortedSet<Long> minuteEnds() {
    LongSummaryStatistics times =
        accidents.stream().mapToLong(OnTime::eventTime).summaryStatistics();
    return LongStream.rangeClosed(times.getMin() / MINUTE_MS, times.getMax() / MINUTE_MS)
        .mapToObj(minute -> (minute + 1) * MINUTE_MS)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The next record, which arrives at {@code arrivesAt} or at most a little later. */
  Put next(long arrivesAt) {
    if (!sent.isEmpty() && random.nextInt(20) == 0) {
      resent++;
      return sent.get(random.nextInt(sent.size()));
    }
    Put put = newRow(arrivesAt);
    sent.add(put);
    return put;
  }

  private Put newRow(long arrivesAt) {
    seq++;
    boolean isOfSurge = isSurge && random.nextInt(10) < 7;
    String state = isOfSurge ? SURGE_STATE : STATES[random.nextInt(STATES.length)];
    String city = CITIES[random.nextInt(CITIES.length)];
    String county = COUNTIES[(int) (seq % COUNTIES.length)];
    int severity = 1 + random.nextInt(4);
    // One row in eight has the place of an earlier one.
    int place = random.nextInt(8) == 0 ? random.nextInt((int) seq) : (int) seq;
    double lat = isOfSurge ? 39 + seq % 20 / 10_000.0 : 30 + place * 7_919L % 20_011 / 10_000.0;
    double lng = isOfSurge ? -115 + seq / 20 % 20 / 10_000.0 : -100;
    boolean isRejected = random.nextInt(50) == 0;
    boolean isLate = random.nextInt(30) == 0;
    long eventTime = isLate ? arrivesAt - latenessMs - 1 - random.nextInt(50_000) : arrivesAt;

    ObjectNode event = RawEvents.valid();
    event.put("feed", feed).put("seq", seq).put("id", "A-" + seq);
    event.put("event_time", eventTime).put("emitted_at", arrivesAt);
    event
        .put("state", state)
        .put("county", county)
        .put("city", city)
        .put("severity", isRejected ? 9 : severity);
    event.put("start_lat", lat).put("start_lng", lng);
    String key = "2016-02-08T05:46:00|%.4f|%.4f".formatted(lat, lng);

    if (isRejected) {
      rejected++;
    } else if (winners.putIfAbsent("accident|" + feed + '|' + key, "A-" + seq) != null) {
      repeated++;
    } else if (isLate) {
      late++;
    } else {
      onTime++;
      minutes.merge(state + " " + severity + " " + eventTime / MINUTE_MS, 1L, Long::sum);
      String cell = H3.latLngToCellAddress(lat, lng, CELL_RESOLUTION);
      accidents.add(new OnTime(eventTime, state, county, city, cell, severity));
    }
    return new Put(key, (event + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static H3Core h3() {
    try {
      return H3Core.newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
