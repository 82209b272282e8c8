"""Reads the JSON of a raw event as Flink does (`RawEventParser`): all that is wrong with it is found at once."""

import json
import math
from json.decoder import scanstring

from .raw_fields import INTEGERS, NUMBERS, TEXTS
from .rules import read_rules

MAX_FEED_LENGTH = 100
# The largest integer that every reader of the JSON keeps exactly.
MAX_SAFE_INTEGER = 2**53 - 1
# Flink's parser reads no longer number.
MAX_NUMBER_LENGTH = 1_000

NO_OBJECT = "the record is not a JSON object"
NO_JSON = "the record is not JSON"
UNREADABLE = "the record is not JSON that can be read"

RANGES = read_rules("ranges")["numbers"]


class TooLong(Exception):
    pass


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def _number(read):
    def parse(text):
        if len(text) > MAX_NUMBER_LENGTH:
            raise TooLong
        return read(text)

    return parse


# An object is a tuple of pairs: a field may be there twice, and each time is looked at. So it is told from a list, too.
DECODER = json.JSONDecoder(
    object_pairs_hook=tuple,
    parse_constant=_refuse_constant,
    parse_int=_number(int),
    parse_float=_number(float),
)


def parse_event(data, reasons):
    """
    The fields that the job looks at, without those that are absent, null or refused, and the names of all that there
    are. Never raises on what the bytes are.
    """
    pairs = _read_object(data, reasons)
    event = {"features": []}
    for field, value in pairs:
        if field == "feed":
            event["feed"] = _feed(value, reasons)
        elif field in INTEGERS:
            event[field] = _integer(field, value, reasons)
        elif field in TEXTS:
            event[field] = _text(field, value, reasons)
        elif field == "features":
            event["features"] = _features(value, reasons)
        elif field in NUMBERS:
            event[field] = _ranged(field, value, reasons)
        elif field in RANGES:
            _ranged(field, value, reasons)
    return {field: value for field, value in event.items() if value is not None}, [field for field, _ in pairs]


def _read_object(data, reasons):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        # What stands before it is read all the same, as by a parser that comes upon it.
        text = data[: fault.start].decode("utf-8") + "\x00"
    try:
        value = DECODER.decode(text)
    except (ValueError, TooLong, RecursionError):
        return _read_up_to_fault(text, reasons)
    if isinstance(value, tuple):
        return value
    reasons.append(NO_OBJECT)
    return ()


def _read_up_to_fault(text, reasons):
    at = _skip_blanks(text, 0)
    pairs = []
    try:
        if text[at : at + 1] == "{":
            _read_pairs(text, _skip_blanks(text, at + 1), pairs)
            reasons.append(NO_JSON)
        else:
            # A list or a text that has begun is no object, whatever becomes of it.
            if text[at : at + 1] not in ("[", '"'):
                DECODER.raw_decode(text, at)
            reasons.append(NO_OBJECT if _ends_token(text, at) else NO_JSON)
    except (TooLong, RecursionError):
        reasons.append(UNREADABLE)
    except ValueError:
        reasons.append(NO_JSON)
    return pairs


def _ends_token(text, at):
    """Whether what stands there is a value by itself and not the beginning of a word."""
    if text[at] in '["':
        return True
    _, end = DECODER.raw_decode(text, at)
    return text[end : end + 1] in ("", " ", "\t", "\r", "\n")


def _read_pairs(text, at, pairs):
    if text[at : at + 1] == "}":
        return
    while True:
        if text[at : at + 1] != '"':
            raise ValueError("no field")
        field, at = scanstring(text, at + 1, True)
        at = _skip_blanks(text, at)
        if text[at : at + 1] != ":":
            raise ValueError("no colon")
        value, at = DECODER.raw_decode(text, _skip_blanks(text, at + 1))
        pairs.append((field, value))
        at = _skip_blanks(text, at)
        if text[at : at + 1] != ",":
            return
        at = _skip_blanks(text, at + 1)


def _skip_blanks(text, at):
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at


def _feed(value, reasons):
    feed = _text("feed", value, reasons)
    if not feed:
        return None
    # As Java counts: what lies beyond the basic plane is two.
    if len(feed.encode("utf-16-le")) // 2 <= MAX_FEED_LENGTH:
        return feed
    reasons.append(f"feed is longer than {MAX_FEED_LENGTH} characters")
    return None


def _text(field, value, reasons):
    if _is_text(value):
        return value
    return _refuse(f"{field} is not text", value, reasons)


def _integer(field, value, reasons):
    if type(value) is int and 0 <= value <= MAX_SAFE_INTEGER:
        return value
    return _refuse(f"{field} is not a whole number", value, reasons)


def _ranged(field, value, reasons):
    number = _finite(value)
    if number is None:
        return _refuse(f"{field} is not a number", value, reasons)
    bounds = RANGES[field]
    if bounds.get("integer") and number != round(number):
        reasons.append(f"{field} is not a whole number")
        return None
    least, most = bounds.get("min", -math.inf), bounds.get("max", math.inf)
    if not least <= number <= most:
        reasons.append(f"{field} is not between {least} and {most}")
        return None
    return number


def _finite(value):
    # True is an int in Python, and none in JSON.
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _features(value, reasons):
    if isinstance(value, list) and all(_is_text(feature) for feature in value):
        return value
    _refuse("features is not a list of texts", value, reasons)
    return []


def _is_text(value):
    """JSON can escape half of a character that takes two, which is no text: no UTF-8 holds it."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _refuse(reason, value, reasons):
    """JSON null is as good as absent."""
    if value is not None:
        reasons.append(reason)
    return None
