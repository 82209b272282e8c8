package roadpulse.job;

import java.time.Instant;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;

/** The accidents on time as the table {@code accidents}, with the columns that the views use. */
final class AccidentsTable {

  private static final TypeInformation<Row> ROW =
      Types.ROW_NAMED(
          new String[] {"feed", "state", "county", "city", "cell", "severity", "event_time"},
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.STRING,
          Types.INT,
          Types.INSTANT);

  private AccidentsTable() {}

  static void create(StreamTableEnvironment tables, DataStream<Reading> onTime) {
    DataStream<Row> rows = onTime.map(AccidentsTable::row).returns(ROW).name("accident rows");
    tables.createTemporaryView(
        "accidents",
        rows,
        Schema.newBuilder()
            .column("feed", "STRING")
            .column("state", "STRING")
            .column("county", "STRING")
            .column("city", "STRING")
            .column("cell", "STRING")
            .column("severity", "INT")
            .column("event_time", "TIMESTAMP_LTZ(3)")
            .watermark("event_time", "SOURCE_WATERMARK()")
            .build());
  }

  private static Row row(Reading reading) {
    return Row.of(
        reading.feed,
        reading.accident.state,
        reading.accident.county,
        reading.accident.city,
        reading.accident.cell,
        reading.accident.severity,
        Instant.ofEpochMilli(reading.eventTime));
  }
}
