"""Decodes, validates and enriches: every record of the raw layer becomes one row (`DecodeFunction` in the Flink job)."""

import base64
import hashlib

from .accident_times import read_times
from .duplicate_key import duplicate_key
from .enrich import enrich
from .parse_event import parse_event
from .validate import validate

# As in the Flink job: a record that its envelope could not hold is refused.
MAX_RECORD_BYTES = 1_048_576 - 8_192
HEAD_BYTES = 65_536
# The feed of what nobody of ours has put: it has no feed or no row number.
UNKNOWN_FEED = "unknown"


def decode(data):
    """A row of ROW_COLUMNS without those that it leaves empty, and the names of all fields of the record."""
    reasons = []
    event, fields = parse_event(data, reasons)
    if len(data) > MAX_RECORD_BYTES:
        reasons.append("the record is oversize")
    validate(event, reasons)
    times = read_times(event, reasons)
    row = {**_origin(event), **({} if reasons else enrich(event, times))}
    if reasons:
        row.update(reject(data, reasons), partition_key=duplicate_key(event))
    return row, fields


def reject(data, reasons):
    """Why it was refused, and the record itself, at most its first 64 KiB."""
    return {
        "reasons": list(dict.fromkeys(reasons)),
        "bytes_base64": base64.b64encode(data[:HEAD_BYTES]).decode(),
        "bytes_length": len(data),
        "bytes_sha256": hashlib.sha256(data).hexdigest(),
    }


def _origin(event):
    is_ours = "feed" in event and event.get("seq", 0) > 0
    put = {"feed": event["feed"], "seq": event["seq"], "attempt": event.get("attempt") or None} if is_ours else {}
    return {
        "feed": UNKNOWN_FEED,
        **put,
        "event_time": _micros(event.get("event_time")),
        "row_emitted_at": _micros(event.get("emitted_at")),
    }


def _micros(ms):
    return None if ms is None else ms * 1_000
