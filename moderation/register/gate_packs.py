"""Has packs searched and copies made, and keeps what comes of it in the store: beside the original, or as the copy's own object."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moderation.store import Store, Stored, Unreadable

from .apart import ask, packed
from .gate_work import LAYOUT, LOOKS, RAW_TEXTS, copy_picture
from .identity.kinds import Kind, RoleToken
from .packs import called_of, picture_of

FOUND_WORDS = "found-words.json"
MODULE = "moderation.register.gate_work"
SEARCH_SECONDS, FLATTEN_SECONDS = 120, 300


@dataclass(frozen=True)
class People:
    """Who is in a plan, as the lead says it. Kept encrypted, erased with the originals."""

    child: tuple[str, ...] = ()  # the full name, then other names
    born: date | None = None
    parents: tuple[tuple[str, ...], ...] = ()
    children: tuple[tuple[str, ...], ...] = ()  # brothers, sisters and other children
    staff: tuple[tuple[RoleToken, tuple[str, ...]], ...] = ()
    settings: tuple[str, ...] = ()
    is_unknown: bool = False  # the lead does not know the child's name, and has said so

    @property
    def cast(self) -> list[tuple[RoleToken, tuple[str, ...]]]:
        child = [(RoleToken.CHILD, self.child)] if self.child else []
        parents = [(RoleToken.PARENT, names) for names in self.parents]
        return [*child, *parents, *((RoleToken.SIBLING, names) for names in self.children), *self.staff]


@dataclass(frozen=True)
class FoundPlace:
    """A finding of the search in one document."""

    page: int
    start: int
    end: int
    kind: Kind
    token: str


@dataclass(frozen=True)
class SearchedDocument:
    """What a search found in one document, and the pages that a person must look at with the reason."""

    document_id: str
    found: tuple[FoundPlace, ...]
    looks: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Original:
    """A document as the work needs it."""

    document_id: str
    path: str
    wrapped_key: str


@dataclass(frozen=True)
class AddedPlace:
    """Where a lead once pointed at words to be replaced everywhere: they are looked for in what comes later too."""

    document_id: str
    page: int
    start: int
    end: int
    token: str


@dataclass(frozen=True)
class CoverPlace:
    """What is covered in a copy: text from start to end, or an area."""

    page: int
    token: str
    start: int = 0
    end: int = 0
    area: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Copy:
    """A copy that is in the store, not yet released."""

    document_id: str
    stored: Stored
    pages: int


class WorkFailed(Exception):
    """The work could not be done; the message finishes the sentence "A document ..."."""


def search_pack(
    store: Store,
    documents: Sequence[Original],
    people: People,
    settings: Sequence[str],
    today: date,
    added: Sequence[AddedPlace] = (),
) -> tuple[SearchedDocument, ...]:
    """Search the documents of a pack together, and keep their text and layout beside them for the lead's pages."""
    contents = [store.get(each.path, each.wrapped_key) for each in documents]
    called = [title for each in documents for title in called_of(store, each.path, each.wrapped_key)]
    order = {each.document_id: number for number, each in enumerate(documents)}
    again = sorted((order[one.document_id], one.page, one.start, one.end, one.token) for one in added)
    answer = _worked("search", parts_to_search(contents, people, settings, today, called, again), SEARCH_SECONDS)
    for name, content in answer.items():
        number, _, part = name.partition("/")
        if part:
            store.put_derived(documents[int(number)].path, documents[int(number)].wrapped_key, part, content)
    searched = searched_in(answer, [each.document_id for each in documents])
    for place, (document, one) in enumerate(zip(documents, searched, strict=True)):
        texts = json.loads(answer[f"{place}/{RAW_TEXTS}"])
        words = {place_of(each.page, each.start, each.end): shown(texts, each.page, each.start, each.end) for each in one.found}
        keep_found_words(store, document.path, document.wrapped_key, words)
    return searched


def parts_to_search(
    contents: Sequence[bytes],
    people: People,
    settings: Sequence[str],
    today: date,
    called: Sequence[str] = (),
    added: Sequence[tuple[int, int, int, int, str]] = (),
) -> dict[str, bytes]:
    """The question to the work: which documents, what is known of the people in them, what the files were called, and where
    a lead pointed at words."""
    asked = {
        "documents": len(contents),
        "people": [(role.value, names) for role, names in people.cast],
        "born": people.born.isoformat() if people.born else None,
        "settings": [*people.settings, *settings],
        "called": list(called),
        "added": list(added),
        "today": today.isoformat(),
    }
    return {"known.json": json.dumps(asked).encode(), **{f"{number}.pdf": content for number, content in enumerate(contents)}}


def searched_in(answer: Mapping[str, bytes], document_ids: Sequence[str]) -> tuple[SearchedDocument, ...]:
    """The answer of the work, by document."""
    found, looks = json.loads(answer["found.json"]), json.loads(answer[LOOKS])
    return tuple(
        SearchedDocument(
            document_id,
            tuple(FoundPlace(page, start, end, Kind(kind), token) for n, page, start, end, kind, token in found if n == number),
            tuple((page, reason) for page, reason in looks[number]),
        )
        for number, document_id in enumerate(document_ids)
    )


def make_copy(store: Store, original: Original, coverings: Sequence[CoverPlace], left_out: Sequence[int]) -> Copy:
    """The copy of one document, in the store under a key of its own, with its pictures and text beside it."""
    content = store.get(original.path, original.wrapped_key)
    return keep_copy(store, original.document_id, flattened(content, coverings, left_out))


def flattened(content: bytes, coverings: Sequence[CoverPlace], left_out: Sequence[int]) -> dict[str, bytes]:
    """The parts of a copy by the names that they have in the store."""
    return _worked("flatten", asked_to_flatten(content, coverings, left_out), FLATTEN_SECONDS)


def asked_to_flatten(content: bytes, coverings: Sequence[CoverPlace], left_out: Sequence[int]) -> dict[str, bytes]:
    """The question to the work: the document, what is covered in it, and which pages are left out."""
    covered = [(one.page, one.token, one.start, one.end, one.area) for one in coverings]
    asked = {"coverings": covered, "left_out": list(left_out)}
    return {"original.pdf": content, "asked.json": json.dumps(asked).encode()}


def keep_copy(store: Store, document_id: str, parts: Mapping[str, bytes]) -> Copy:
    stored = store.put(parts["copy.pdf"])
    for name, part in parts.items():
        if name != "copy.pdf":
            store.put_derived(stored.path, stored.wrapped_key, name, part)
    return Copy(document_id, stored, len(parts) - 2)


def _worked(verb: str, parts: Mapping[str, bytes], seconds: int) -> dict[str, bytes]:
    answer = ask(MODULE, verb, packed(parts), seconds)
    if "refused" in answer:
        raise WorkFailed(answer["refused"].decode())
    return answer


# --- reading what was kept ----------------------------------------------------------------------------------------------------


def raw_texts(store: Store, path: str, wrapped_key: str) -> list[str]:
    """The text of each page as the search saw it: places of findings are places in it."""
    texts: list[str] = json.loads(store.get_derived(path, wrapped_key, RAW_TEXTS))
    return texts


def place_of(page: int, start: int | None, end: int | None) -> str:
    return f"{page}/{start}-{end}"


def shown(texts: Sequence[str], page: int, start: int, end: int) -> str:
    """The words of a place as they are shown."""
    return " ".join(texts[page - 1][start:end].replace("\u00ad", "").split()) or "Words that cannot be shown"


def found_words(store: Store, path: str, wrapped_key: str) -> dict[str, str]:
    """The words at the places of findings, as far as somebody has read them; of an earlier text none."""
    try:
        kept: dict[str, str] = json.loads(store.get_derived(path, wrapped_key, FOUND_WORDS))
    except Unreadable:
        return {}
    return kept


def keep_found_words(store: Store, path: str, wrapped_key: str, words: Mapping[str, str]) -> None:
    store.put_derived(path, wrapped_key, FOUND_WORDS, json.dumps(words).encode())


def layout(store: Store, path: str, wrapped_key: str, page: int) -> list[tuple[int, int, int, int, int, int]]:
    """The words of a page: from, to, and the four sides of their boxes in ten-thousandths."""
    words: list[tuple[int, int, int, int, int, int]] = json.loads(store.get_derived(path, wrapped_key, LAYOUT.format(page)))
    return words


def copy_page(store: Store, path: str, wrapped_key: str, page: int) -> bytes:
    """The picture of a page of a copy. For packs confirmed before there was a gate that is the picture of the original."""
    try:
        return store.get_derived(path, wrapped_key, copy_picture(page))
    except Unreadable:
        return picture_of(store, path, wrapped_key, page)


def keep_people(store: Store, people: People) -> Stored:
    return store.put(json.dumps(_plain(people)).encode())


def people_of(store: Store, path: str | None, wrapped_key: str | None) -> People:
    """Who is in the plan; nobody when the lead has not said."""
    if path is None or wrapped_key is None:
        return People()
    kept: dict[str, Any] = json.loads(store.get(path, wrapped_key))
    return People(
        tuple(kept["child"]),
        date.fromisoformat(kept["born"]) if kept["born"] else None,
        tuple(map(tuple, kept["parents"])),
        tuple(map(tuple, kept["children"])),
        tuple((RoleToken(role), tuple(names)) for role, names in kept["staff"]),
        tuple(kept["settings"]),
        kept.get("is_unknown", False),
    )


def _plain(people: People) -> dict[str, Any]:
    return {**vars(people), "born": people.born.isoformat() if people.born else None}
