"""
Which of several rows stands for all of them. The raw layer has lost the order of stream 1, so the first is the one that
was put first: by the clock of its producer, then by its place in the source. It does not depend on what was read when.
"""

from pyspark.sql import Window
from pyspark.sql import functions as f

from .decode_objects import REJECTED, VALID

FIRST_PUT = ("row_emitted_at", "feed", "seq", "attempt")
FIRST_FOUND = ("row_emitted_at", "raw_object", "raw_offset")


def is_live():
    return f.col("feed").like("live-%")


def accidents_of(rows):
    """Of live feeds. A second pass over a file is another feed, and the same accidents: the feed is not in the key."""
    return _first(_accidents(rows).where(is_live()), ["partition_key"], FIRST_PUT)


def replays_of(rows):
    """Of all other feeds, each for itself."""
    return _first(_accidents(rows).where(~is_live()), ["feed", "partition_key"], FIRST_PUT)


def rejected_of(rows):
    """
    A put is known by feed, row and attempt. What has no feed or row is nobody's, and only known by its bytes: Flink counts
    two that are the same as two, but here it cannot be told from one that Firehose has delivered twice.
    """
    own = f.concat_ws("|", f.lit("rejected"), "feed", "seq", f.coalesce("attempt", f.lit(0)))
    nobodys = f.concat_ws("|", f.lit("rejected"), "feed", "bytes_sha256")
    rejected = rows.where(f.col("verdict") == REJECTED)
    named = rejected.withColumn("id", f.when(f.col("seq").isNull(), nobodys).otherwise(own))
    return _first(named.withColumn("delivered_at", f.to_timestamp("delivered_at")), ["id"], FIRST_FOUND)


def _accidents(rows):
    named = f.concat_ws("|", f.lit("accident"), "feed", "partition_key")
    return rows.where(f.col("verdict") == VALID).withColumn("id", named)


def _first(rows, key, order):
    ranked = rows.withColumn("rank", f.row_number().over(Window.partitionBy(*key).orderBy(*order)))
    return ranked.where("rank = 1").drop("rank")
