"""Takes PDF files into audit packs: checked, cleaned, kept encrypted; and keeps what was drawn of them beside them."""

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass

from moderation.store import Store, Stored
from moderation.words import InvalidInput, Problem

from .pdf import MOST_PAGES, SECTIONS_FOUND, TEXTS, WORDLESS
from .sections import Found

MOST_BYTES = 50_000_000
CLEAN_SECONDS = 60
DRAW_SECONDS = 300
PICTURE_TYPE = "image/webp"


@dataclass(frozen=True)
class Kept:
    """A document that is in the store, not yet on the register."""

    stored: Stored
    pages: int


@dataclass(frozen=True)
class Drawn:
    """What was drawn of a document: how many pages, or why it cannot be shown."""

    pages: int
    fault: str | None = None
    sections: tuple[Found, ...] = ()
    wordless: tuple[int, ...] = ()  # pages that are pictures without text


def keep_pdf(store: Store, content: bytes) -> Kept:
    """Check a PDF, take out everything but its pages, and keep it. InvalidInput says what is wrong with it."""
    if len(content) > MOST_BYTES:
        raise _refusal(f"is too large: {len(content) / 1e6:.0f} MB", f"PDF files of up to {MOST_BYTES // 1_000_000} MB")
    if not content:
        raise _refusal("is empty", "PDF files")
    if b"%PDF-" not in content[:1024]:
        raise _refusal("is not a PDF", "PDF files, whatever their name")
    answer = _apart("clean", content, CLEAN_SECONDS)
    if "refused" in answer:
        raise _refusal(answer["refused"].decode(), f"PDF files without a password, of up to {MOST_PAGES} pages")
    return Kept(store.put(answer["clean.pdf"]), int(answer["pages"]))


def draw_pages(store: Store, path: str, wrapped_key: str) -> Drawn:
    """Draw the pages of a kept document and keep pictures and text beside it."""
    answer = _apart("draw", store.get(path, wrapped_key), DRAW_SECONDS)
    if "refused" in answer:
        return Drawn(0, answer["refused"].decode())
    sections = tuple(Found(**found) for found in json.loads(answer.pop(SECTIONS_FOUND)))
    wordless = tuple(json.loads(answer.pop(WORDLESS)))
    for name, content in answer.items():
        store.put_derived(path, wrapped_key, name, content)
    return Drawn(len(answer) - 1, None, sections, wordless)


def picture_of(store: Store, path: str, wrapped_key: str, page: int) -> bytes:
    return store.get_derived(path, wrapped_key, f"page-{page}.webp")


def texts_of(store: Store, path: str, wrapped_key: str) -> list[str]:
    """The text of each page; empty where a page is a picture only."""
    texts: list[str] = json.loads(store.get_derived(path, wrapped_key, TEXTS))
    return texts


def _apart(verb: str, content: bytes, seconds: int) -> dict[str, bytes]:
    """Work on a PDF in a process of its own; one that crashes or takes too long is a refusal of the file."""
    command = [sys.executable, "-m", "moderation.register.pdf", verb]
    secretless = {name: value for name, value in os.environ.items() if not name.startswith("MODERATION_")}
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=content, capture_output=True, timeout=seconds, check=True, env=secretless
        )
    except subprocess.TimeoutExpired:
        return {"refused": b"takes too long to read. Split it, or save it again as PDF"}
    except subprocess.CalledProcessError:
        return {"refused": b"cannot be read. Open it and save it again as PDF"}
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _refusal(message: str, allowed: str) -> InvalidInput:
    return InvalidInput([Problem("file", f"The file {message}", allowed=allowed)])
