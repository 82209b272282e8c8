package roadpulse.job;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;

/**
 * What is told of many accidents together.
 *
 * <pre>
 *   on time -> accidents -> SQL views -> aggregates ─┬─> state_severity_minute, hotspots, top_cities
 *                                                    └─> area minutes -> keyBy(feed) -> feed start
 *                                                          -> keyBy(feed, area) -> surge
 * </pre>
 */
final class Aggregates {

  /** The last one is the union of the others: one statement, so that rows enter SQL once. */
  static final List<String> VIEWS =
      List.of("state_severity_minute", "hotspots", "top_cities", "area_minutes", "aggregates");

  private static final TypeInformation<Envelope> ENVELOPE = TypeInformation.of(Envelope.class);

  private Aggregates() {}

  static DataStream<Envelope> of(DataStream<Reading> onTime, StreamTableEnvironment tables) {
    AccidentsTable.create(tables, onTime);
    for (String view : VIEWS) SqlView.create(tables, view);
    DataStream<Row> rows = tables.toDataStream(tables.from("aggregates"));
    SqlUids.assign(onTime, rows);
    return rowsOf("state_severity_minute", rows, Aggregates::stateSeverityMinute)
        .union(
            rowsOf("hotspots", rows, Aggregates::hotspot),
            rowsOf("top_cities", rows, Aggregates::topCity),
            surges(rows));
  }

  private static DataStream<Envelope> rowsOf(
      String view, DataStream<Row> rows, MapFunction<Row, Envelope> encode) {
    return only(view, rows).map(encode).returns(ENVELOPE).name(view);
  }

  private static DataStream<Row> only(String view, DataStream<Row> rows) {
    return rows.filter(row -> row.getFieldAs("view").equals(view)).name("only " + view);
  }

  private static DataStream<Envelope> surges(DataStream<Row> rows) {
    return only("area_minutes", rows)
        .map(Aggregates::areaMinute)
        .returns(TypeInformation.of(AreaMinute.class))
        .name("area minute")
        .keyBy(minute -> minute.feed)
        .process(new FeedStartFunction())
        .returns(TypeInformation.of(AreaMinute.class))
        .name("feed start")
        .uid("feed-start")
        .keyBy(
            minute -> Tuple3.of(minute.feed, minute.areaKind, minute.area),
            Types.TUPLE(Types.STRING, Types.STRING, Types.STRING))
        .process(new SurgeFunction())
        .returns(TypeInformation.of(Surge.class))
        .name("surge")
        .uid("surge")
        .map(WindowEncoder::surge)
        .returns(ENVELOPE)
        .name("surge event");
  }

  private static Envelope stateSeverityMinute(Row row) {
    return WindowEncoder.stateSeverityMinute(
        row.getFieldAs("feed"),
        row.getFieldAs("state"),
        row.getFieldAs("severity"),
        row.getFieldAs("accidents"),
        epochMs(row, "window_start"),
        epochMs(row, "window_end"));
  }

  private static Envelope hotspot(Row row) {
    return WindowEncoder.hotspot(
        row.getFieldAs("feed"),
        row.getFieldAs("rank"),
        row.getFieldAs("name"),
        row.getFieldAs("accidents"),
        row.getFieldAs("weight"),
        epochMs(row, "window_start"),
        epochMs(row, "window_end"));
  }

  private static Envelope topCity(Row row) {
    return WindowEncoder.topCity(
        row.getFieldAs("feed"),
        row.getFieldAs("kind"),
        row.getFieldAs("rank"),
        row.getFieldAs("name"),
        row.getFieldAs("state"),
        row.getFieldAs("accidents"),
        row.getFieldAs("weight"),
        epochMs(row, "window_start"),
        epochMs(row, "window_end"));
  }

  private static AreaMinute areaMinute(Row row) {
    AreaMinute minute = new AreaMinute();
    minute.feed = row.getFieldAs("feed");
    minute.areaKind = row.getFieldAs("kind");
    minute.area = row.getFieldAs("name");
    minute.state = row.getFieldAs("state");
    minute.count = row.getFieldAs("accidents");
    minute.end = epochMs(row, "window_end");
    return minute;
  }

  /** Windows come in the session's time zone, which is UTC. */
  private static long epochMs(Row row, String field) {
    return row.<LocalDateTime>getFieldAs(field).toInstant(ZoneOffset.UTC).toEpochMilli();
  }
}
