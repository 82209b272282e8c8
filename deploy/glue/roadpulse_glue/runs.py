"""
What was read and what became of it: a row of the table `runs` for each batch. It is written last, in one commit, and is
what makes its objects read; whatever ends before it is done again, and changes nothing.
"""

from pyspark.sql import functions as f

from .raw_fields import KNOWN
from .raw_layer import RawObject
from .tables import RUN

ROWS = ("accidents", "replays", "rejected")


class LawBroken(Exception):
    """Rows were lost or counted twice between the raw layer and the tables."""


def read_objects(tables):
    """The objects that earlier runs have read."""
    one = tables.read("runs").select(f.explode("objects").alias("one")).select("one.key", "one.etag", "one.bytes")
    return {RawObject(**row.asDict()) for row in one.collect()}


def totals_of_last_run(tables):
    last = tables.read("runs").orderBy(f.desc("finished_at")).first()
    return {table: last[f"{table}_total"] if last else 0 for table in ROWS}


def balance(read, left_out, last, before, after):
    """
    The counts of a run, by three that were taken apart from each other: what the reader has found, what the merge has
    left out, and how many rows the tables have more.

    :param last: totals when the last run was finished
    :param before: totals when this one began; what it has more, a run has written that was not finished
    """
    unfinished = sum(before[table] - last[table] for table in ROWS)
    counts = {
        "read": read,
        "written": sum(after[table] - last[table] for table in ("accidents", "replays")),
        "repeated": left_out - unfinished,
        "rejected": after["rejected"] - last["rejected"],
    }
    if read != counts["written"] + counts["repeated"] + counts["rejected"]:
        raise LawBroken(f"read = written + repeated + rejected does not hold: {counts}")
    return counts


def drift_of(fields):
    """Columns that the contract does not know, with the number of their records, and those that no record has."""
    return {
        "unknown_fields": {name: count for name, count in sorted(fields.items()) if name not in KNOWN},
        "absent_fields": sorted(KNOWN - fields.keys()),
    }


def write_run(tables, run):
    schema = ", ".join(f"{name} {type_of}" for name, type_of in RUN.items())
    row = [run[name] for name in RUN]
    tables.spark.createDataFrame([row], schema).coalesce(1).writeTo(tables.name("runs")).append()
