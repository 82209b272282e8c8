"""Where the records of an object of the raw layer begin and end, by the rules of `lib/sources/json-splitter.ts`."""

import re
from typing import NamedTuple

LF = 10
OPEN = 123
CLOSE = 125
BLANK = re.compile(rb"[\x00-\x20]*")
# What decides where an object ends; the texts between are skipped at the speed of the regular expression.
STRUCTURE = re.compile(rb'[{}"\n]')
STRING_END = re.compile(rb'["\\\n]')


class Record(NamedTuple):
    # Place of its first byte in the object, unpacked.
    offset: int
    # With its line end, where it has one: so it was put on stream 1.
    data: bytes


def split_records(text):
    """
    One JSON object a line, or joined as they are. What cannot be an object is a record too, up to its line end: no JSON
    string holds a line end, and no object of ours begins a line inside of another one.
    """
    at = BLANK.match(text).end()
    while at < len(text):
        end = _end_of_object(text, at) if text[at] == OPEN else _end_of_line(text, at)
        line_end = end + 1 if end < len(text) and text[end] == LF else end
        yield Record(at, text[at:line_end])
        at = BLANK.match(text, line_end).end()


def _end_of_object(text, start):
    """Behind its closing brace; where there is none, before what shows that there will be none."""
    depth = 0
    at = start
    while (found := STRUCTURE.search(text, at)) is not None:
        at = found.end()
        byte = text[found.start()]
        if byte == OPEN:
            if depth > 0 and text[at - 2] == LF:
                return at - 1
            depth += 1
        elif byte == CLOSE:
            depth -= 1
            if depth == 0:
                return at
        elif byte != LF:
            at = _end_of_string(text, at)
            if at is None:
                return len(text)
            if text[at - 1] == LF:
                return at - 1
    return len(text)


def _end_of_string(text, at):
    """Behind the quote, or behind the line end that no string holds; None where the text ends before."""
    while (found := STRING_END.search(text, at)) is not None:
        byte = text[found.start()]
        if byte != 92:
            return found.end()
        at = found.end() + 1
    return None


def _end_of_line(text, at):
    end = text.find(b"\n", at)
    return len(text) if end == -1 else end
