"""What a PDF may ask of the service, known before it is opened: how many objects it holds, and how much its streams become."""

import re
import zlib
from collections.abc import Iterator

from .refusals import Refusal

MOST_OBJECTS = 300_000
MOST_UNPACKED = 150_000_000
CHUNK = 1 << 20
STREAM = re.compile(rb"stream\r?\n")
IN_STREAM = re.compile(rb"/N\s+(\d{1,9})")
PICTURE = re.compile(rb"/Subtype\s*/Image|/FontFile")  # pictures have limits of their own; they are large and may be
HEAD = 2_000  # bytes: a stream's description, which stands before it


def check_limits(content: bytes) -> None:
    """Refuse a file that would cost more than any plan."""
    if content.count(b" obj") + _objects_in_streams(content) > MOST_OBJECTS:
        raise Refusal(f"holds more than {MOST_OBJECTS:,} objects. Print it to a new PDF, and add that")
    left = MOST_UNPACKED
    for stream in _packed_streams(content):
        left -= _unpacked(stream, left)
        if left <= 0:
            raise Refusal("becomes too large when it is unpacked. Print it to a new PDF, and add that")


def _objects_in_streams(content: bytes) -> int:
    counted = 0
    for found in re.finditer(rb"/ObjStm", content):
        around = content[max(0, found.start() - 200) : found.end() + 200]
        counts = IN_STREAM.search(around)
        counted += int(counts[1]) if counts else 0
    return counted


def _packed_streams(content: bytes) -> Iterator[memoryview]:
    """Streams that are neither pictures nor fonts, from their first byte to the end of the file."""
    whole = memoryview(content)
    for found in STREAM.finditer(content):
        start = content.rfind(b" obj", max(0, found.start() - HEAD), found.start())
        if not PICTURE.search(content, max(start, 0), found.start()):
            yield whole[found.end() :]


def _unpacked(stream: memoryview, limit: int) -> int:
    """How many bytes a stream becomes, counted while it is unpacked, up to the limit; 0 for one that is not packed."""
    unpacker, total, waiting = zlib.decompressobj(), 0, bytes(stream[:CHUNK])
    taken = len(waiting)
    try:
        while waiting and not unpacker.eof and total <= limit:
            total += len(unpacker.decompress(waiting, CHUNK))
            waiting = unpacker.unconsumed_tail
            if not waiting:
                waiting = bytes(stream[taken : taken + CHUNK])
                taken += len(waiting)
    except zlib.error:
        return total
    return total
