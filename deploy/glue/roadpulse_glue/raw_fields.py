"""The fields of a raw event, as `lib/events/schemas/raw-event.json` has them; a test compares the two."""

TEXTS = (
    "id",
    "source",
    "start_time",
    "end_time",
    "state",
    "county",
    "city",
    "street",
    "zipcode",
    "timezone",
    "description",
    "weather_condition",
)
NUMBERS = (
    "severity",
    "start_lat",
    "start_lng",
    "end_lat",
    "end_lng",
    "distance_mi",
    "temperature_f",
    "visibility_mi",
)
INTEGERS = ("seq", "attempt", "event_time", "emitted_at")

# In the raw layer, and of no use to the tables. Those that are numbers must be some all the same, by ranges.json.
UNUSED = (
    "airport_code",
    "astronomical_twilight",
    "civil_twilight",
    "country",
    "house_number",
    "humidity_pct",
    "nautical_twilight",
    "precipitation_in",
    "pressure_in",
    "side",
    "sunrise_sunset",
    "tmc",
    "weather_timestamp",
    "wind_chill_f",
    "wind_direction",
    "wind_speed_mph",
)

KNOWN = frozenset(("feed", "features", *INTEGERS, *TEXTS, *NUMBERS, *UNUSED))
