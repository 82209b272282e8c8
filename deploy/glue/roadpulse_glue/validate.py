"""Says everything that is wrong with a raw event (`AccidentValidator` in the Flink job); its times are another part."""

import re

from .rules import read_rules

STATE = re.compile("[A-Z]{2}")
RULES = read_rules("ranges")
BOXES = RULES["boxes"]
EVENT_TIME_AHEAD_MAX_MS = RULES["event_time_ahead_max_ms"]

NEEDED = (
    "feed",
    "seq",
    "attempt",
    "event_time",
    "emitted_at",
    "id",
    "severity",
    "start_time",
    "start_lat",
    "start_lng",
    "state",
)


def validate(event, reasons):
    """
    Adds to `reasons` what is missing or cannot be; they hold already what the parser has refused. Flink measures the
    future from the arrival on stream 1, which the raw layer does not have: here it is measured from the put before it.
    """
    for field in NEEDED:
        _require(event, field, reasons)
    if event.get("event_time", 0) > event.get("emitted_at", float("inf")) + EVENT_TIME_AHEAD_MAX_MS:
        reasons.append("event_time is in the future")
    state = event.get("state")
    if state is not None and not STATE.fullmatch(state):
        reasons.append("state is not two capital letters")
    for which in ("start", "end"):
        lat, lng = event.get(f"{which}_lat"), event.get(f"{which}_lng")
        if lat is not None and lng is not None and not _is_in_united_states(lat, lng):
            reasons.append(f"{which} is not in the United States")


def _require(event, field, reasons):
    """Adds a reason for an absent field, unless the parser has already found it unreadable."""
    # Numbers of rows and attempts begin at 1.
    is_there = event.get(field, 0) > 0 if field in ("seq", "attempt") else field in event
    if not is_there and not any(reason.startswith(f"{field} ") for reason in reasons):
        reasons.append(f"{field} is missing")


def _is_in_united_states(lat, lng):
    return any(box["south"] <= lat <= box["north"] and box["west"] <= lng <= box["east"] for box in BOXES)
