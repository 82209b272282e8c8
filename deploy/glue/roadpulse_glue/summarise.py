"""The daily summary of live accidents by state, county and severity: made anew for days that differ from it."""

from pyspark.sql import functions as f

from .tables import SUMMARY

SECONDS_PER_MINUTE = 60


def summarise(tables, accidents):
    """:param accidents: the rows of this batch; what a run has written that died before it came here is among them."""
    days = sorted(_days_of(tables, accidents) | _miscounted_days(tables))
    wanted = _summary_of(tables.read("accidents").where(_day().isin(days)))
    held = tables.read("daily_summary").where(f.col("day").isin(days))
    differing = wanted.exceptAll(held).union(held.exceptAll(wanted)).select("day").distinct().collect()
    stale = [row["day"] for row in differing]
    if stale:
        wanted.where(f.col("day").isin(stale)).writeTo(tables.name("daily_summary")).overwrite(
            f.col("day").isin(stale)
        )


def _day():
    return f.to_date("event_time")


def _days_of(tables, accidents):
    """Those of the rows, and those of what the table holds of the same accidents."""
    keys = accidents.select("partition_key", _day().alias("day"))
    held = tables.read("accidents").join(keys.select("partition_key"), "partition_key").select(_day().alias("day"))
    return {row["day"] for row in keys.select("day").union(held).distinct().collect()}


def _miscounted_days(tables):
    """
    By the manifests, so at hardly any cost. A row that was put earlier may have come to another day than the one in whose
    place it is, and the run that wrote it may have died: no row of this batch would lead to the day that has lost one.
    """
    files = tables.spark.table(f"{tables.name('accidents')}.files")
    held = files.groupBy(f.col("partition.event_time_day").alias("day")).agg(f.sum("record_count").alias("held"))
    summed = tables.read("daily_summary").groupBy("day").agg(f.sum("accidents").alias("summed"))
    differing = held.join(summed, "day", "full").where(~f.col("held").eqNullSafe(f.col("summed")))
    return {row["day"] for row in differing.select("day").collect()}


def _summary_of(accidents):
    seconds = f.round(f.col("duration_minutes") * SECONDS_PER_MINUTE).cast("bigint")
    return (
        accidents.groupBy(_day().alias("day"), "state", "county", "severity")
        .agg(
            f.count("*").alias("accidents"),
            f.count_if("rush_hour").alias("in_rush_hour"),
            f.count("duration_minutes").alias("with_end"),
            f.coalesce(f.sum(seconds), f.lit(0)).alias("duration_seconds"),
        )
        .select(*SUMMARY)
    )
