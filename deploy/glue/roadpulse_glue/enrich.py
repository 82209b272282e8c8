"""The accident of a valid raw event: what it says, and what follows from that by the rules of `lib/rules`."""

import h3

from .duplicate_key import duplicate_key
from .local_times import NANOS
from .road_classes import road_class_of
from .rules import read_rules
from .weather_classes import weather_class_of

# Cells of some 36 km², as in the Flink job.
CELL_RESOLUTION = 6

RUSH = read_rules("rush-hours")


def enrich(event, times):
    """The columns of the tables of accidents; what the source left empty is absent."""
    return {
        "partition_key": duplicate_key(event),
        "accident_id": event["id"],
        "severity": int(event["severity"]),
        **_times(times),
        "lat": event["start_lat"],
        "lng": event["start_lng"],
        "cell": h3.latlng_to_cell(event["start_lat"], event["start_lng"], CELL_RESOLUTION),
        "road_class": road_class_of(event.get("street")),
        "weather_class": weather_class_of(event.get("weather_condition")),
        "features": event["features"],
        **{field: event.get(field) for field in AS_IT_IS},
    }


AS_IT_IS = (
    "source",
    "state",
    "county",
    "city",
    "street",
    "zipcode",
    "distance_mi",
    "description",
    "weather_condition",
    "temperature_f",
    "visibility_mi",
)


def _times(times):
    start, end = times.start, times.end
    columns = {
        "start_time": start.micros,
        "weekday": start.weekday,
        "rush_hour": start.weekday in RUSH["weekdays"] and any(a <= start.hour < b for a, b in RUSH["hours"]),
    }
    if end is not None:
        columns["end_time"] = end.micros
        columns["duration_minutes"] = times.duration_nanos() // NANOS / 60
    if times.zone is not None:
        columns["timezone"] = times.zone
        columns["start_time_utc"] = times.start_utc().micros
    return columns
