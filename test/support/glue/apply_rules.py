"""
Answers lines of JSON by the parts of the Glue job that need nothing but Python, so that a test can hold them against
those of TypeScript: `[name, argument]` becomes what the function of that name gives.
"""

import base64
import json
import sys

from roadpulse_glue.accident_times import read_times
from roadpulse_glue.duplicate_key import duplicate_key
from roadpulse_glue.parse_event import parse_event
from roadpulse_glue.raw_fields import KNOWN
from roadpulse_glue.unpack import unpack
from roadpulse_glue.split_records import split_records
from roadpulse_glue.validate import validate


def split(text):
    return [[offset, base64.b64encode(data).decode()] for offset, data in split_records(base64.b64decode(text))]


def unpacked(body):
    text, fault = unpack(base64.b64decode(body))
    return [base64.b64encode(text).decode(), fault]


def utc_start(event):
    """Epoch ms, or null where the start cannot be read or its zone is not known."""
    times = read_times(event, [])
    utc = times.start and times.start_utc()
    return utc and utc.micros // 1_000


def reasons(data):
    found = []
    event, _ = parse_event(base64.b64decode(data), found)
    validate(event, found)
    read_times(event, found)
    return list(dict.fromkeys(found))


FUNCTIONS = {
    "split": split,
    "unpack": unpacked,
    "key": duplicate_key,
    "utcStart": utc_start,
    "reasons": reasons,
    "knownFields": lambda _: sorted(KNOWN),
}

for line in sys.stdin:
    name, argument = json.loads(line)
    print(json.dumps(FUNCTIONS[name](argument)))
