package roadpulse.job;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;

/**
 * The accidents on time as the table {@code accidents}, with the columns that the views use. They
 * enter as the rows of SQL's own kind: nothing is left to convert.
 */
final class AccidentsTable {

  private static final DataType ROW =
      DataTypes.ROW(
          DataTypes.FIELD("feed", DataTypes.STRING()),
          DataTypes.FIELD("state", DataTypes.STRING()),
          DataTypes.FIELD("county", DataTypes.STRING()),
          DataTypes.FIELD("city", DataTypes.STRING()),
          DataTypes.FIELD("cell", DataTypes.STRING()),
          DataTypes.FIELD("severity", DataTypes.INT()),
          DataTypes.FIELD("event_time", DataTypes.TIMESTAMP_LTZ(3)));

  private AccidentsTable() {}

  static void create(StreamTableEnvironment tables, DataStream<Reading> onTime) {
    DataStream<RowData> rows =
        onTime
            .map(AccidentsTable::row)
            .returns(InternalTypeInfo.of(ROW.getLogicalType()))
            .name("accident rows");
    tables.createTemporaryView(
        "accidents",
        rows,
        Schema.newBuilder()
            .fromRowDataType(ROW)
            .watermark("event_time", "SOURCE_WATERMARK()")
            .build());
  }

  private static RowData row(Reading reading) {
    Accident accident = reading.accident;
    return GenericRowData.of(
        StringData.fromString(reading.feed),
        StringData.fromString(accident.state),
        StringData.fromString(accident.county),
        StringData.fromString(accident.city),
        StringData.fromString(accident.cell),
        accident.severity,
        TimestampData.fromEpochMillis(reading.eventTime));
  }
}
