"""What a run does: takes what is new in the raw layer, batch by batch, and tidies up."""

import datetime

from .compact import compact, forget
from .curate_batch import curate_batch
from .raw_layer import list_objects, open_s3
from .runs import read_objects
from .tables import TABLES, Tables

# Compressed. What a run has to make up for is done in such parts, each with its own commit.
MAX_BATCH_BYTES = 256 * 1_048_576

DAYS_BY = {"accidents": "event_time", "replays": "event_time", "rejected": "delivered_at"}


def curate(spark, raw_bucket, database):
    """
    Says by the table `runs` what is left to do, so an object that comes late, to whatever hour, is read by the next run.
    """
    tables = Tables(spark, database)
    tables.create()
    done = read_objects(tables)
    new = [one for one in list_objects(open_s3(), raw_bucket) if one not in done]
    run_id = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    for number, batch in enumerate(_batches(new), start=1):
        curate_batch(tables, raw_bucket, batch, f"{run_id}-{number}")
    if new:
        for table, days_by in DAYS_BY.items():
            compact(tables, table, days_by)
        for table in TABLES:
            forget(tables, table)


def _batches(objects):
    batch, size = [], 0
    for one in objects:
        if batch and size + one.bytes > MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.bytes
    if batch:
        yield batch
