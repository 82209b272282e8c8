"""The zone in which an accident's times are written, by `lib/rules/zones.json`."""

import zoneinfo

from .rules import read_rules

RULES = read_rules("zones")
ALIASES = RULES["aliases"]
CORRECTIONS = {(rule["state"], rule["timezone"]): rule["zone"] for rule in RULES["corrections"]}

# Python knows these names, and Java, by which Flink judges, does not.
NO_ZONES_IN_JAVA = {"EST", "HST", "MST", "ROC", "GMT+0", "GMT-0", "Factory", "localtime"}
IANA = zoneinfo.available_timezones() - NO_ZONES_IN_JAVA


def zone_of(state, timezone):
    """The name of the zone after correction; None when the name is no zone's."""
    corrected = CORRECTIONS.get((state, timezone)) or ALIASES.get(timezone)
    if corrected is not None:
        return corrected
    return timezone if timezone in IANA else None
