"""Keeps the number of files and snapshots down: a run adds a file to each partition that it touches."""

import datetime

from pyspark.sql import functions as f

from .tables import CATALOG

KEPT_DAYS = 7
# Small files of a partition are put together when there are so many.
MIN_FILES = 4


def compact(tables, table, days_by):
    """:param days_by: the column of time whose days are partitions; only those with enough small files are looked at."""
    files = tables.spark.table(f"{tables.name(table)}.files")
    day = f.col(f"partition.{days_by}_day")
    crowded = files.groupBy("partition").count().where(f.col("count") >= MIN_FILES)
    days = [row["day"] for row in crowded.select(day.alias("day")).distinct().collect()]
    for one in days:
        next_day = one + datetime.timedelta(days=1)
        _call(
            tables,
            "rewrite_data_files",
            f"table => '{tables.database}.{table}', options => map('min-input-files', '{MIN_FILES}'),"
            f" where => \"{days_by} >= TIMESTAMP '{one} 00:00:00' AND {days_by} < TIMESTAMP '{next_day} 00:00:00'\"",
        )


def forget(tables, table):
    """Athena reads as of any snapshot of the last days; files of which only older ones know are deleted."""
    kept = f.expr(f"current_timestamp() - INTERVAL {KEPT_DAYS} DAYS")
    snapshots = tables.spark.table(f"{tables.name(table)}.snapshots")
    # A day later, so that it is done once a day and not each hour: it takes as long as a small run.
    is_due = f.min("committed_at") < kept - f.expr("INTERVAL 1 DAY")
    due = snapshots.agg(is_due.alias("is_due"), f.date_format(kept, "yyyy-MM-dd HH:mm:ss").alias("kept")).first()
    if due["is_due"]:
        older = f"TIMESTAMP '{due['kept']}'"
        _call(tables, "expire_snapshots", f"table => '{tables.database}.{table}', older_than => {older}")


def _call(tables, procedure, arguments):
    tables.spark.sql(f"CALL {CATALOG}.system.{procedure}({arguments})")
