package roadpulse.job;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * The job between its edges.
 *
 * <pre>
 *   raw -> decode -> keyBy(feed, partition key) -> deduplicate ─┬─> late, rejected ──────────> envelopes
 *                                                               ├─> on time ─┬───────────────> envelopes
 *                                                               │            └─> SQL views ──> envelopes
 *                                                               └─> count -> keyBy(feed) -> tally
 * </pre>
 */
final class AccidentsTopology {

  private static final TypeInformation<Envelope> ENVELOPE = TypeInformation.of(Envelope.class);

  private AccidentsTopology() {}

  /**
   * @param raw with watermarks that stay behind each on-time event still to come
   */
  static DataStream<Envelope> build(
      DataStream<RawRecord> raw, StreamTableEnvironment tables, JobOptions options) {
    SingleOutputStreamOperator<Judged> judged =
        raw.map(new DecodeFunction(options.lateness().toMillis()))
            .name("decode")
            .returns(TypeInformation.of(Reading.class))
            .keyBy(
                reading -> Tuple2.of(reading.feed, reading.partitionKey),
                Types.TUPLE(Types.STRING, Types.STRING))
            .process(new DeduplicateFunction(options.dedup().toMillis()))
            .returns(TypeInformation.of(Judged.class))
            .name("deduplicate")
            .uid("deduplicate");

    DataStream<Reading> onTime = readings(judged, Verdict.ON_TIME);
    return onTime
        .map(EnvelopeEncoder::accident)
        .returns(ENVELOPE)
        .name("accident")
        .union(
            readings(judged, Verdict.LATE)
                .map(EnvelopeEncoder::accident)
                .returns(ENVELOPE)
                .name("accident_late"),
            readings(judged, Verdict.REJECTED)
                .map(EnvelopeEncoder::rejected)
                .returns(ENVELOPE)
                .name("rejected"),
            Aggregates.of(onTime, tables),
            tallies(judged));
  }

  private static DataStream<Reading> readings(DataStream<Judged> judged, Verdict verdict) {
    return judged
        .filter(one -> one.verdict == verdict)
        .name("only " + verdict)
        .map(one -> one.reading)
        .returns(TypeInformation.of(Reading.class))
        .name("reading");
  }

  private static DataStream<Envelope> tallies(DataStream<Judged> judged) {
    return judged
        .transform("count", TypeInformation.of(FeedCounts.class), new CountVerdictsOperator())
        .keyBy(counts -> counts.feed)
        .process(new TallyFunction())
        .returns(ENVELOPE)
        .name("tally")
        .uid("tally");
  }
}
