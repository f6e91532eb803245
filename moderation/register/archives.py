"""The files in a ZIP archive, taken out one by one and counted while they are unpacked. Nothing is written anywhere."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from .packs import MOST_BYTES
from .refusals import Refusal

MOST_FILES = 200
MOST_ENTRIES = 5_000
MOST_UNPACKED = 500_000_000
DIRECTORY_ENTRY = b"PK\x01\x02"
NOT_FILES = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Member:
    """A file of an archive under its whole name, or why it cannot be taken."""

    name: str
    content: bytes = b""
    fault: str | None = None


def is_archive(content: bytes) -> bool:
    """A ZIP archive of files, not one that is a Word (or other Office) file itself; also one that cannot be told."""
    if content[:4] != b"PK\x03\x04":
        return False
    if content.count(DIRECTORY_ENTRY) > MOST_ENTRIES:
        return True
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" not in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return True


def members(content: bytes) -> Iterator[Member]:
    """The files of an archive. Refusal when it cannot be opened, or would become too much."""
    if content.count(DIRECTORY_ENTRY) > MOST_ENTRIES:
        raise Refusal(f"holds more than {MOST_FILES} files. Split it")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, OSError, ValueError) as fault:
        raise Refusal("is damaged and cannot be opened. Make it again") from fault
    with archive:
        parts = [part for part in archive.infolist() if not part.is_dir() and not any(word in part.filename for word in NOT_FILES)]
        if len(parts) > MOST_FILES:
            raise Refusal(f"holds {len(parts):,} files. The limit is {MOST_FILES}")
        left = MOST_UNPACKED
        for part in parts:
            member = _member(archive, part, min(left, MOST_BYTES))
            left -= len(member.content)
            yield member


def _member(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> Member:
    name = part.filename
    if part.flag_bits & 1:
        return Member(name, fault="is protected by a password. Make the ZIP file again without one")
    try:
        with archive.open(part) as file:
            content = file.read(limit + 1)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as fault:
        return Member(name, fault=f"cannot be taken out of the ZIP file ({type(fault).__name__})"[:200])
    if len(content) > limit:
        return Member(name, fault="is too large, or the ZIP file holds too much")
    if is_archive(content):
        return Member(name, fault="is a ZIP file in a ZIP file. Add its files themselves")
    return Member(name, content)
