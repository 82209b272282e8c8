"""When an accident began and ended, on the clocks of its place (`AccidentTimes` in the Flink job)."""

from typing import NamedTuple, Optional

from .local_times import NANOS, LocalTime, offset_seconds, parse_local
from .zones import zone_of


class AccidentTimes(NamedTuple):
    # None where it cannot be read.
    start: Optional[LocalTime]
    # None where the source has none.
    end: Optional[LocalTime]
    # After correction; None where it is not known: the two times are then taken to have the same offset.
    zone: Optional[str]

    def start_utc(self):
        """None where the zone is not known."""
        if self.zone is None:
            return None
        return self.start._replace(seconds=self.start.seconds - offset_seconds(self.zone, self.start, is_end=False))

    def duration_nanos(self):
        """From the start to the end, both of which there must be."""
        seconds = self.end.seconds - self.start.seconds
        if self.zone is not None:
            seconds += offset_seconds(self.zone, self.start, is_end=False)
            seconds -= offset_seconds(self.zone, self.end, is_end=True)
        return seconds * NANOS + self.end.nanos - self.start.nanos


def read_times(event, reasons):
    """Adds to `reasons` what cannot be read, and an end that is not after the start."""
    times = AccidentTimes(
        start=_time("start_time", event, reasons),
        end=_time("end_time", event, reasons),
        zone=_zone(event, reasons),
    )
    if times.start is not None and times.end is not None and times.duration_nanos() <= 0:
        reasons.append("end_time is not after start_time")
    return times


def _time(field, event, reasons):
    text = event.get(field)
    if text is None:
        return None
    time = parse_local(text)
    if time is None:
        reasons.append(f"{field} is not a time")
    return time


def _zone(event, reasons):
    timezone = event.get("timezone")
    if timezone is None:
        return None
    zone = zone_of(event.get("state"), timezone)
    if zone is None:
        reasons.append("timezone is not known")
    return zone
