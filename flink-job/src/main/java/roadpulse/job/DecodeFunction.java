package roadpulse.job;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes, validates and enriches: every record of stream 1 becomes one reading. */
public class DecodeFunction extends RichMapFunction<RawRecord, Reading> {

  /**
   * Kinesis takes records of 1 MiB. An accident's envelope holds no more of a record than its
   * bytes,
   */
  private static final int MAX_RECORD_BYTES = 1024 * 1024;

  /** and fields of its own, for which this is ample. */
  private static final int ENVELOPE_BYTES = 8 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(DecodeFunction.class);

  private static final long LOG_INTERVAL_MS = 60_000;

  private static final int HEAD_BYTES = 64 * 1024;

  private final long latenessMs;

  private transient RawEventParser parser;
  private transient Zones zones;
  private transient AccidentValidator validator;
  private transient Enrichment enrichment;
  private transient Counter unknownConditions;
  private transient long unknownConditionLoggedAt;
  private transient MessageDigest sha256;

  public DecodeFunction(long latenessMs) {
    this.latenessMs = latenessMs;
  }

  @Override
  public void open(OpenContext context) throws NoSuchAlgorithmException {
    Ranges ranges = Ranges.load();
    parser = new RawEventParser(ranges);
    zones = Zones.load();
    validator = new AccidentValidator(ranges);
    enrichment = new Enrichment(this::unknownCondition);
    unknownConditions =
        getRuntimeContext()
            .getMetricGroup()
            .addGroup("kinesisanalytics")
            .counter("unknownWeatherConditions");
    sha256 = MessageDigest.getInstance("SHA-256");
  }

  private void unknownCondition(String condition) {
    unknownConditions.inc();
    long now = System.currentTimeMillis();
    if (now - unknownConditionLoggedAt < LOG_INTERVAL_MS) return;
    unknownConditionLoggedAt = now;
    LOG.info("a weather condition that lib/rules/weather.json does not know: {}", condition);
  }

  @Override
  public Reading map(RawRecord record) {
    List<String> reasons = new ArrayList<>();
    RawEvent raw = parser.parse(record.data, reasons);
    // Refused here, before anything counts it as an accident, instead of by the sink.
    if (record.data.length > MAX_RECORD_BYTES - ENVELOPE_BYTES)
      reasons.add("the record is oversize");
    validator.validate(raw, record.arrivedAt, reasons);
    AccidentTimes times = AccidentTimes.read(raw, zones, reasons);

    Reading reading = new Reading();
    boolean ours = raw.isOurs();
    reading.feed = ours ? raw.feed : Reading.UNKNOWN_FEED;
    reading.seq = ours ? raw.seq : 0;
    reading.attempt = ours ? raw.attempt : 0;
    reading.partitionKey = record.partitionKey;
    reading.eventTime = raw.eventTime != null ? raw.eventTime : record.arrivedAt;
    reading.arrivedAt = record.arrivedAt;
    reading.late = record.arrivedAt > reading.eventTime + latenessMs;
    if (reasons.isEmpty()) {
      reading.accident = enrichment.accidentOf(raw, times);
    } else {
      reading.rejection = rejection(record, reasons);
    }
    return reading;
  }

  private Rejection rejection(RawRecord record, List<String> reasons) {
    Rejection rejection = new Rejection();
    // A field may be there, and be wrong, a hundred thousand times; its envelope must fit a record.
    rejection.reasons = reasons.stream().distinct().toArray(String[]::new);
    rejection.shardId = record.shardId;
    rejection.sequenceNumber = record.sequenceNumber;
    rejection.length = record.data.length;
    rejection.head = Arrays.copyOf(record.data, Math.min(record.data.length, HEAD_BYTES));
    rejection.sha256 = HexFormat.of().formatHex(sha256.digest(record.data));
    return rejection;
  }
}
