"""The text of an object of the raw layer: plain, or gzipped, also when objects were joined as they are."""

import zlib

GZIP = b"\x1f\x8b"
# Of gzip alone, with its header.
GZIP_WINDOW = 31


def unpack(body):
    """The text, and the fault behind which nothing more can be unpacked."""
    if not body.startswith(GZIP):
        return body, None
    parts = []
    while body:
        member = zlib.decompressobj(GZIP_WINDOW)
        try:
            parts.append(member.decompress(body))
        except zlib.error:
            parts.append(_up_to_fault(body))
            return b"".join(parts), "the object is damaged, and the rest cannot be unpacked"
        if not member.eof:
            return b"".join(parts), "the object is cut off"
        body = member.unused_data
    return b"".join(parts), None


def _up_to_fault(body):
    """Byte by byte: what stands before the fault is there to be had."""
    member = zlib.decompressobj(GZIP_WINDOW)
    parts = []
    try:
        parts.extend(member.decompress(body[at : at + 1]) for at in range(len(body)))
    except zlib.error:
        pass
    return b"".join(parts)
