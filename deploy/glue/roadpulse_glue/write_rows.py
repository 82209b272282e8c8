"""Merges rows into a table so that writing them again changes nothing, not even the snapshot."""

from typing import NamedTuple

from pyspark.sql import functions as f

from .tables import TABLES

NEW = "new"
# The table has a row of this key, and this one comes before it: a late object held it.
EARLIER = "earlier"
KNOWN = "known"


class Merged(NamedTuple):
    new: int
    earlier: int
    known: int


def write_rows(tables, table, rows, key, order):
    """
    :param rows: one of a key; of these and the row that the table has of it, the first by `order` stays
    """
    columns = list(TABLES[table][0])
    mine, theirs = f.struct(*(f"s.{name}" for name in order)), f.struct(*(f"t.{name}" for name in order))
    held = tables.read(table).select(*dict.fromkeys((*key, *order))).alias("t")
    on = [f.col(f"s.{name}") == f.col(f"t.{name}") for name in key]
    verdict = f.when(f.col(f"t.{key[0]}").isNull(), NEW).when(mine < theirs, EARLIER).otherwise(KNOWN)
    judged = rows.alias("s").join(held, on, "left").select(*(f"s.{name}" for name in columns), verdict.alias("verdict"))
    judged = judged.persist()
    counts = {row["verdict"]: row["count"] for row in judged.groupBy("verdict").count().collect()}
    merged = Merged(counts.get(NEW, 0), counts.get(EARLIER, 0), counts.get(KNOWN, 0))
    if merged.new + merged.earlier > 0:
        _merge(tables, table, judged.where(f.col("verdict") != KNOWN).select(*columns), key)
    judged.unpersist()
    return merged


def _merge(tables, table, rows, key):
    rows.createOrReplaceTempView("rows_to_write")
    on = " AND ".join(f"s.{name} = t.{name}" for name in key)
    tables.spark.sql(
        f"MERGE INTO {tables.name(table)} t USING rows_to_write s ON {on}"
        " WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
