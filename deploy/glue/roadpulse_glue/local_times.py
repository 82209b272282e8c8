"""
The dataset's wall-clock times: `2016-02-08 05:46:00`, the same with a fraction of 1 to 9 digits, and with a T in the
middle. A time is held as microseconds since 1970 on the clock of its place, as Parquet holds it.
"""

import datetime
import functools
import re
import zoneinfo
from typing import NamedTuple

FORM = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?")
EPOCH = datetime.datetime(1970, 1, 1)
DAYS_OF_400_YEARS = 146_097
MICROS = 1_000_000
NANOS = 1_000_000_000


class LocalTime(NamedTuple):
    # Since 1970 on the clock, whatever the zone.
    seconds: int
    nanos: int

    @property
    def micros(self):
        return self.seconds * MICROS + self.nanos // 1_000

    @property
    def hour(self):
        return self.seconds // 3_600 % 24

    @property
    def weekday(self):
        """ISO: Monday is 1."""
        return (self.seconds // 86_400 + 3) % 7 + 1


def parse_local(text):
    """None for what is no time, and for what no clock shows: 31 April, 25 o'clock."""
    match = FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        # Python has no year 0, which other calendars have: it is looked at 400 years later, when all days are the same.
        moment = datetime.datetime(year + 400, month, day, hour, minute, second)
    except ValueError:
        return _after_python(match)
    seconds = round((moment - EPOCH).total_seconds()) - DAYS_OF_400_YEARS * 86_400
    return LocalTime(seconds, int((match[7] or "").ljust(9, "0")))


def _after_python(match):
    """Python's last year is 9999."""
    if int(match[1]) < 9_600:
        return None
    earlier = parse_local(f"{int(match[1]) - 400}{match[0][4:]}")
    return earlier and LocalTime(earlier.seconds + DAYS_OF_400_YEARS * 86_400, earlier.nanos)


def offset_seconds(zone, local, is_end):
    """
    Seconds ahead of UTC. Of an hour that autumn repeats a start is taken as the first time, an end as the second; an hour
    that spring leaves out is counted on with the offset before it.
    """
    before, after = _offsets(zone, local.seconds)
    return after if is_end and after < before else before


@functools.lru_cache(maxsize=100_000)
def _offsets(zone, seconds):
    moment = _clamped(seconds).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    return tuple(int(moment.replace(fold=fold).utcoffset().total_seconds()) for fold in (0, 1))


def _clamped(seconds):
    """At the ends of Python's calendar zones no longer change."""
    least = datetime.datetime(1, 1, 2)
    most = datetime.datetime(9999, 12, 30)
    return EPOCH + datetime.timedelta(
        seconds=min(max(seconds, (least - EPOCH).total_seconds()), (most - EPOCH).total_seconds())
    )
