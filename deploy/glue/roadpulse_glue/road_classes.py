"""The class of a road by the name of the street: `lib/rules/roads.json`."""

import functools
import re

from .java_text import strip
from .rules import read_rules

UNKNOWN = "unknown"
OTHERWISE = "local"
CLASSES = [
    (rule["class"], [re.compile(pattern) for pattern in rule["patterns"]]) for rule in read_rules("roads")["classes"]
]


@functools.lru_cache(maxsize=10_000)
def road_class_of(street):
    name = strip(street or "").upper()
    if name == "":
        return UNKNOWN
    return next((name_of for name_of, patterns in CLASSES if any(one.search(name) for one in patterns)), OTHERWISE)
