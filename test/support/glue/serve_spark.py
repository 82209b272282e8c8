"""
A Spark that does what the lines of its input say, one after the other, and answers each with a line of JSON: so that a
test of the Glue job starts Spark once. What the job itself prints goes to the other stream.
"""

import contextlib
import json
import runpy
import sys

from pyspark.sql import SparkSession

# As by the script, before there is a session.
import roadpulse_glue.curate
from roadpulse_glue import compact, curate_batch

spark = SparkSession.builder.getOrCreate()


def sql(text):
    return [json.loads(row) for row in spark.sql(text).toJSON().collect()]


def curate(script, *arguments):
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


def curate_up_to(step, script, *arguments):
    """A run that dies in front of one of its steps."""
    def die(*_):
        raise InterruptedError(step)

    whole = getattr(curate_batch, step)
    setattr(curate_batch, step, die)
    try:
        curate(script, *arguments)
    except InterruptedError:
        return
    finally:
        setattr(curate_batch, step, whole)
    raise AssertionError(f"the run did not come to {step}")


def curate_much_later(script, *arguments):
    """A run for which all snapshots are old."""
    kept = compact.KEPT_DAYS
    compact.KEPT_DAYS = -1
    try:
        curate(script, *arguments)
    finally:
        compact.KEPT_DAYS = kept


COMMANDS = {command.__name__: command for command in (sql, curate, curate_up_to, curate_much_later)}

for line in sys.stdin:
    name, *arguments = json.loads(line)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            answer = {"value": COMMANDS[name](*arguments)}
    except Exception as fault:
        answer = {"fault": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(answer), flush=True)
