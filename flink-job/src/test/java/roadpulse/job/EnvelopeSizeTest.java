package roadpulse.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.DefaultOpenContext;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes in by a record of stream 1 must leave by a record of stream 2, which is no larger. */
class EnvelopeSizeTest {

  private static final int MAX_RECORD_BYTES = 1024 * 1024;

  /** Kinesis counts the partition key too: 256 characters, of which the job makes one byte each. */
  private static final int MAX_ENVELOPE_BYTES = MAX_RECORD_BYTES - 512;

  private static final long END = 1_800_000_600_000L;
  private static final String CELL = "862a93467ffffff";

  /** As long as a feed's name may be, of what takes most bytes in JSON. */
  private static final String LONGEST_FEED = "\u0001".repeat(100);

  private final DecodeFunction decode = new DecodeFunction(30_000);

  @BeforeEach
  void open() throws Exception {
    decode.setRuntimeContext(new MockStreamingRuntimeContext(1, 0));
    decode.open(DefaultOpenContext.INSTANCE);
  }

  @Test
  void aRecordWhoseEventWouldNotFitIntoStream2IsRejectedBeforeItCounts() {
    Reading reading = read(event -> event.put("description", "x".repeat(1024 * 1024 - 2_000)));
    assertThat(reading.rejection.reasons).containsExactly("the record is oversize");
  }

  @Test
  void aRejectionFitsIntoARecordOfStream2HoweverOftenAFieldIsWrong() {
    String data = "{" + "\"id\":1,".repeat(140_000) + "\"seq\":1}";
    Reading reading = decode.map(RawEvents.record(data.getBytes(StandardCharsets.UTF_8)));
    assertThat(reading.rejection.reasons).containsOnlyOnce("id is not text");
    assertThat(EnvelopeEncoder.rejected(reading).json).hasSizeLessThan(200 * 1024);
  }

  @Test
  void theLargestAccidentDoesNotFitIntoARecordOfStream2() {
    assertThat(EnvelopeEncoder.accident(readLargest("description")).json.length)
        .isBetween(1_000_000, MAX_ENVELOPE_BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"city", "county"})
  void aListThatNamesThePlaceWithTheLongestNameDoesNotFitIntoARecordOfStream2(String level) {
    Reading reading = readLargest(level);
    String name = level.equals("city") ? reading.accident.city : reading.accident.county;
    Envelope envelope =
        WindowEncoder.topCity(
            reading.feed,
            level,
            10,
            name,
            reading.accident.state,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            END - 3_600_000,
            END);
    assertThat(envelope.json.length).isBetween(1_000_000, MAX_ENVELOPE_BYTES);
    assertThat(envelope.partitionKey).hasSizeLessThan(256);
  }

  @Test
  void whatHoldsNoTextOfARowButItsFeedIsSmall() {
    Surge surge = new Surge();
    surge.feed = LONGEST_FEED;
    surge.areaKind = "cell";
    surge.area = CELL;
    surge.state = "OH";
    surge.endedAt = END;
    FeedCounts counts = new FeedCounts(LONGEST_FEED);
    long start = END - 60_000;
    assertThat(
            new Envelope[] {
              WindowEncoder.stateSeverityMinute(LONGEST_FEED, "OH", 4, Long.MAX_VALUE, start, END),
              WindowEncoder.hotspot(
                  LONGEST_FEED, 20, CELL, Long.MAX_VALUE, Long.MAX_VALUE, start, END),
              WindowEncoder.surge(surge),
              EnvelopeEncoder.tally(counts, END)
            })
        .allSatisfy(
            envelope -> {
              assertThat(envelope.json).hasSizeLessThan(4 * 1024);
              assertThat(envelope.partitionKey).hasSizeLessThan(256);
            });
  }

  /**
   * The largest accident that is taken: with escapes and characters of several bytes in one field.
   */
  private Reading readLargest(String field) {
    String text = "\"\\\u0001ü€😀".repeat(60_000);
    Reading reading = null;
    int length = text.length();
    while (reading == null || reading.rejection != null) {
      String part = text.substring(0, length);
      reading = read(event -> event.put(field, part).put("feed", LONGEST_FEED));
      length -= 1_000;
    }
    return reading;
  }

  private Reading read(Consumer<ObjectNode> change) {
    return decode.map(RawEvents.record(change));
  }
}
