"""The tables of the analytics layer and their columns."""

CATALOG = "glue_catalog"

# Of whatever is put on stream 1.
ORIGIN = {
    "feed": "string",
    "seq": "bigint",
    "attempt": "bigint",
    "partition_key": "string",
    "event_time": "timestamp",
    "row_emitted_at": "timestamp",
}
# The envelope `accident` of `lib/events/schemas`, with times as times.
ACCIDENT = {
    "accident_id": "string",
    "source": "string",
    "severity": "int",
    "start_time": "timestamp_ntz",
    "end_time": "timestamp_ntz",
    "start_time_utc": "timestamp",
    "timezone": "string",
    "weekday": "int",
    "rush_hour": "boolean",
    "duration_minutes": "double",
    "lat": "double",
    "lng": "double",
    "cell": "string",
    "state": "string",
    "county": "string",
    "city": "string",
    "street": "string",
    "road_class": "string",
    "zipcode": "string",
    "distance_mi": "double",
    "description": "string",
    "weather_condition": "string",
    "weather_class": "string",
    "temperature_f": "double",
    "visibility_mi": "double",
    "features": "array<string>",
}
REJECTION = {
    "reasons": "array<string>",
    "bytes_base64": "string",
    "bytes_length": "bigint",
    "bytes_sha256": "string",
    "raw_object": "string",
    "raw_offset": "bigint",
}
SUMMARY = {
    "day": "date",
    "state": "string",
    "county": "string",
    "severity": "int",
    "accidents": "bigint",
    "in_rush_hour": "bigint",
    "with_end": "bigint",
    "duration_seconds": "bigint",
}
RUN = {
    "run_id": "string",
    "started_at": "timestamp",
    "finished_at": "timestamp",
    "objects": "array<struct<key:string,etag:string,bytes:bigint>>",
    "read": "bigint",
    "written": "bigint",
    "repeated": "bigint",
    "rejected": "bigint",
    "accidents_total": "bigint",
    "replays_total": "bigint",
    "rejected_total": "bigint",
    "unknown_fields": "map<string,bigint>",
    "absent_fields": "array<string>",
}

ACCIDENT_TABLE = {"id": "string", **ORIGIN, **ACCIDENT}
# By the day on the replay's clock, on which a row was live. By the day on which it happened, each hour of a feed would
# touch hundreds of days in fifty states.
BY_STATE_AND_DAY = "state, days(event_time)"

TABLES = {
    "accidents": (ACCIDENT_TABLE, BY_STATE_AND_DAY),
    "replays": (ACCIDENT_TABLE, BY_STATE_AND_DAY),
    "rejected": ({"id": "string", "delivered_at": "timestamp", **ORIGIN, **REJECTION}, "days(delivered_at)"),
    "daily_summary": (SUMMARY, "day"),
    "runs": (RUN, None),
}

PROPERTIES = {
    "format-version": "2",
    # A row is replaced by writing its file anew: nothing has to be put together when it is read.
    "write.merge.mode": "copy-on-write",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
}


class Tables:
    """The tables of one database, by their names for SQL."""

    def __init__(self, spark, database):
        self.spark = spark
        self.database = database

    def name(self, table):
        return f"{CATALOG}.{self.database}.{table}"

    def read(self, table):
        return self.spark.table(self.name(table))

    def count(self, table):
        """From the manifests: what the table says that it holds, whoever has written it."""
        return self.spark.table(f"{self.name(table)}.files").agg({"record_count": "sum"}).first()[0] or 0

    def create(self):
        properties = ", ".join(f"'{name}' = '{value}'" for name, value in PROPERTIES.items())
        for table, (columns, partitions) in TABLES.items():
            listed = ", ".join(f"{name} {type_of}" for name, type_of in columns.items())
            partitioned = f"PARTITIONED BY ({partitions})" if partitions else ""
            self.spark.sql(
                f"CREATE TABLE IF NOT EXISTS {self.name(table)} ({listed}) USING iceberg {partitioned}"
                f" TBLPROPERTIES ({properties})"
            )
