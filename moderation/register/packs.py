"""Takes PDF and Word files into audit packs: checked, cleaned, kept encrypted; and keeps what was drawn of them beside them."""

import hashlib
import json
from dataclasses import dataclass

from moderation.store import Store, Stored, Unreadable
from moderation.words import InvalidInput, Problem

from .apart import ask
from .pdf import CALLED, CLEAN, MOST_PAGES, PAGES, REFUSED, REMARKS, SECTIONS_FOUND, TEXTS, WORDLESS
from .sections import Found
from .word import is_package

PDF = "moderation.register.pdf"
MOST_BYTES = 50_000_000
CLEAN_SECONDS = 60
WORD_SECONDS = 150  # setting text on pages takes longer than cleaning pages
DRAW_SECONDS = 300
ALLOWED = f"PDF and Word (.docx) files without a password, of up to {MOST_BYTES // 1_000_000} MB and {MOST_PAGES} pages"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # Word before 2007; also any Word file with a password
PICTURE_TYPE = "image/webp"


@dataclass(frozen=True)
class Kept:
    """A document that is in the store, not yet on the register."""

    stored: Stored
    pages: int
    uploaded_sha256: str | None = None  # of the file before it was cleaned
    remarks: tuple[str, ...] = ()  # what has to be said about what became of the file
    wordless: tuple[int, ...] = ()  # pages that are pictures without text


@dataclass(frozen=True)
class Drawn:
    """What was drawn of a document: how many pages, or why it cannot be shown."""

    pages: int
    fault: str | None = None
    sections: tuple[Found, ...] = ()
    wordless: tuple[int, ...] = ()  # pages that are pictures without text


def keep_document(store: Store, content: bytes, name: str = "") -> Kept:
    """Check a PDF or Word file, take out all but its pages, and keep them as PDF. InvalidInput says what is wrong with it.

    What the file was called, and calls itself, is kept beside it under the same key: the gate looks for the names in it.
    """
    check_at_first_sight(content)
    answer = ask(PDF, "clean", content, WORD_SECONDS if is_package(content) else CLEAN_SECONDS)
    if REFUSED in answer:
        raise _refusal(answer[REFUSED].decode())
    digest = hashlib.sha256(content).hexdigest()
    remarks, wordless = json.loads(answer[REMARKS]), json.loads(answer[WORDLESS])
    stored, called = store.put(answer[CLEAN]), [title for title in (name, *json.loads(answer[CALLED])) if title]
    store.put_derived(stored.path, stored.wrapped_key, CALLED, json.dumps(called).encode())
    return Kept(stored, int(answer[PAGES]), digest, tuple(remarks), tuple(wordless))


def check_at_first_sight(content: bytes) -> None:
    unfit = unfit_at_first_sight(content)
    if unfit:
        raise _refusal(unfit)


def check_inside(content: bytes) -> None:
    """What can be told of a file without making it into pages or cleaning it; InvalidInput says what is wrong with it."""
    answer = ask(PDF, "look", content, CLEAN_SECONDS)
    if REFUSED in answer:
        raise _refusal(answer[REFUSED].decode())


def unfit_at_first_sight(content: bytes) -> str | None:
    """What the size and the first bytes of a file say against it, whatever its name; it finishes the sentence "The file ..."."""
    if len(content) > MOST_BYTES:
        return f"is too large: {len(content) / 1e6:.0f} MB"
    if not content:
        return "is empty"
    if content.startswith(OLD_OFFICE):
        return "is an old Word file or protected by a password. Save it as a Word document (.docx) without a password, or as PDF"
    if b"%PDF-" not in content[:1024] and not is_package(content):
        return "is not a PDF or Word (.docx) file, whatever its name"
    return None


def draw_pages(store: Store, path: str, wrapped_key: str) -> Drawn:
    """Draw the pages of a kept document and keep pictures and text beside it."""
    answer = ask(PDF, "draw", store.get(path, wrapped_key), DRAW_SECONDS)
    if REFUSED in answer:
        return Drawn(0, answer[REFUSED].decode())
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


def called_of(store: Store, path: str, wrapped_key: str) -> list[str]:
    """The name, title and author of the file that a document came from; nothing for those that were kept before this was."""
    try:
        called: list[str] = json.loads(store.get_derived(path, wrapped_key, CALLED))
    except Unreadable:
        return []
    return called


def _refusal(message: str) -> InvalidInput:
    return InvalidInput([Problem("file", f"The file {message}", allowed=ALLOWED)])
