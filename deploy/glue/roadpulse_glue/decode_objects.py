"""The objects of a batch become rows, in tasks of Spark: one for each record, and one for each object."""

from collections import Counter

import pyarrow as pa

from .decode import decode, reject
from .raw_layer import hour_of, open_s3, read_object
from .split_records import split_records
from .tables import ACCIDENT, ORIGIN, REJECTION

# More partitions than a job has cores; an object is read by one of them.
MAX_PARTITIONS = 64
BATCH_ROWS = 5_000
# How a record ends that is not cut off.
WHOLE = (b"\n", b"}")

VALID = "valid"
REJECTED = "rejected"
# What was found in an object: how many records, and how many of them have which fields.
OBJECT = "object"

ROW = {
    "verdict": "string",
    "delivered_at": "string",
    **ORIGIN,
    **ACCIDENT,
    **REJECTION,
    "records": "bigint",
    "fields": "map<string,bigint>",
}
ARROW = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "array<string>": pa.list_(pa.string()),
    "map<string,bigint>": pa.map_(pa.string(), pa.int64()),
}


def decode_objects(spark, bucket, objects):
    listed = spark.createDataFrame(objects, "key string, etag string, bytes bigint")
    schema = ", ".join(f"{name} {type_of}" for name, type_of in ROW.items())
    return listed.repartition(min(len(objects), MAX_PARTITIONS)).mapInArrow(_decoder(bucket), schema)


def _decoder(bucket):
    def decode_batches(batches):
        schema = pa.schema([(name, ARROW[type_of]) for name, type_of in ROW.items()])
        s3 = open_s3()
        rows = []
        for batch in batches:
            for listed in batch.to_pylist():
                for row in _rows_of(s3, bucket, listed):
                    rows.append(row)
                    if len(rows) == BATCH_ROWS:
                        yield pa.RecordBatch.from_pylist(rows, schema)
                        rows = []
        if rows:
            yield pa.RecordBatch.from_pylist(rows, schema)

    return decode_batches


def _rows_of(s3, bucket, listed):
    key = listed["key"]
    place = {"raw_object": key, "delivered_at": hour_of(key)}
    text, fault = read_object(s3, bucket, key, listed["etag"])
    records = 0
    fields = Counter()
    for record in split_records(text):
        # It goes on behind the fault: what is left of it is told with the fault, and not as a row of a feed.
        if fault is not None and not record.data.endswith(WHOLE):
            continue
        row, names = decode(record.data)
        records += 1
        fields.update(set(names))
        verdict = REJECTED if "reasons" in row else VALID
        yield {"verdict": verdict, **place, "raw_offset": record.offset, **row}
    if fault is not None:
        records += 1
        # So that it is seen, and once: what cannot be unpacked is one record more.
        damage = reject(f"{key} {listed['etag']}".encode(), [fault])
        yield {"verdict": REJECTED, **place, "raw_offset": len(text), "feed": "unknown", **damage}
    yield {"verdict": OBJECT, **place, "records": records, "fields": list(fields.items())}
