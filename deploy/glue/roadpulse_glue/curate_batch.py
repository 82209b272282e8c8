"""One batch of objects: read, decoded, merged, summarised, and counted, in this order."""

import datetime
import json
from collections import Counter

from pyspark.sql import functions as f

from .decode_objects import OBJECT, REJECTED, VALID, decode_objects
from .deduplicate import FIRST_FOUND, FIRST_PUT, accidents_of, is_live, rejected_of, replays_of
from .runs import ROWS, balance, drift_of, totals_of_last_run, write_run
from .summarise import summarise
from .write_rows import write_rows

# Of each table: which rows become its own, which of them stand for the others, what makes two the same, which is first.
PARTS = (
    ("accidents", VALID, True, accidents_of, ["partition_key"], FIRST_PUT),
    ("replays", VALID, False, replays_of, ["feed", "partition_key"], FIRST_PUT),
    ("rejected", REJECTED, None, rejected_of, ["id"], FIRST_FOUND),
)


def curate_batch(tables, bucket, objects, run_id):
    """Ends with a row of `runs`."""
    started_at = datetime.datetime.now(datetime.timezone.utc)
    last, before = totals_of_last_run(tables), _totals(tables)
    rows = decode_objects(tables.spark, bucket, objects).persist()
    read, fields = _found(rows)
    if read == 0:
        raise ValueError(f"{len(objects)} objects, the first of them {objects[0].key}, and no record in any")

    left_out = _write(tables, rows)
    rows.unpersist()
    after = _totals(tables)
    run = {
        "run_id": run_id,
        "started_at": started_at,
        "finished_at": datetime.datetime.now(datetime.timezone.utc),
        "objects": [tuple(one) for one in objects],
        **balance(read, left_out, last, before, after),
        **{f"{table}_total": after[table] for table in ROWS},
        **drift_of(fields),
    }
    write_run(tables, run)
    # The log of the run.
    print(json.dumps({**run, "objects": len(objects)}, default=str), flush=True)


def _write(tables, rows):
    """How many rows were left out, for they were there before or others stand for them."""
    found = {(row["verdict"], row["is_live"]): row["count"] for row in _kinds(rows)}
    left_out = 0
    for table, verdict, of_live, winners, key, order in PARTS:
        count = found.get((verdict, of_live), 0)
        # Most hours have no replay and nothing that is refused.
        if count == 0:
            continue
        merged = write_rows(tables, table, winners(rows), key, order)
        left_out += count - merged.new
    if (VALID, True) in found:
        summarise(tables, accidents_of(rows))
    return left_out


def _kinds(rows):
    live = f.when(f.col("verdict") == VALID, is_live()).alias("is_live")
    return rows.where(f.col("verdict") != OBJECT).groupBy("verdict", live).count().collect()


def _totals(tables):
    return {table: tables.count(table) for table in ROWS}


def _found(rows):
    """How many records the reader has found, and how many of them have which fields."""
    read, fields = 0, Counter()
    for row in rows.where(f.col("verdict") == OBJECT).select("records", "fields").toLocalIterator():
        read += row["records"]
        fields.update(row["fields"])
    return read, fields
