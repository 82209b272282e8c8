"""The class of a free-text weather condition: `lib/rules/weather.json`."""

import functools
import re

from .rules import read_rules

UNKNOWN = "unknown"
NO_LETTERS = re.compile("[^a-z]+")
# What begins a word of a condition, with a space before it.
CLASSES = [(rule["class"], [f" {word}" for word in rule["words"]]) for rule in read_rules("weather")["classes"]]


@functools.lru_cache(maxsize=10_000)
def weather_class_of(condition):
    words = " " + NO_LETTERS.sub(" ", (condition or "").lower())
    return next((name for name, starts in CLASSES if any(start in words for start in starts)), UNKNOWN)
