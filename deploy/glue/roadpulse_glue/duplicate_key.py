"""
What makes two rows the same accident: the partition key of stream 1, by the rule of `lib/events/raw-event.ts`. The raw
layer does not hold it, but it follows from the event.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

START_SECOND = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})")
FOUR_DECIMALS = Decimal("0.0001")
MAX_KEY_LENGTH = 256


def duplicate_key(event):
    start, lat, lng = event.get("start_time"), event.get("start_lat"), event.get("start_lng")
    second = START_SECOND.match(start) if start is not None else None
    if second is not None and lat is not None and lng is not None:
        return f"{second[1]}T{second[2]}|{to_four_decimals(lat)}|{to_four_decimals(lng)}"
    return event.get("id", str(event.get("seq", 0)))[:MAX_KEY_LENGTH]


def to_four_decimals(degrees):
    """As JavaScript's toFixed(4): the number that is nearest to the exact value; of two the one farther from zero."""
    # Without it -0.0 would keep its sign.
    return str(Decimal(degrees + 0.0).quantize(FOUR_DECIMALS, ROUND_HALF_UP))
