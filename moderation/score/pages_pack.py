"""The audit pack beside the question: a tab for each document, page by page, as a picture or as text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, make_response, request, url_for
from werkzeug.wrappers import Response

from moderation.register import queries as register
from moderation.register.audit_packs import PackDocument
from moderation.register.finding import Hit
from moderation.register.flattening import type_of
from moderation.store import Store
from moderation.web.access import open_to, viewer
from moderation.web.filters import london_date, plural
from moderation.web.render import db
from moderation.words import NotFound, Role

from .pages import desk, pages
from .views import MySheet

VIEWS = ("picture", "text")
SHOWN_HITS = 20


@dataclass(frozen=True)
class DocumentTab:
    id: str
    title: str
    facts: str
    pages: int
    is_drawn: bool
    href: str


@dataclass(frozen=True)
class Letter:
    """A section of the plan that begins in this document, and the way there."""

    section: str
    page: int
    href: str
    is_here: bool


@dataclass(frozen=True)
class Finding:
    """What is looked for in the document, and where it was found."""

    wanted: str = ""
    hits: tuple[tuple[Hit, str], ...] = ()  # each with the address of its page
    total: int = 0
    clear_href: str = ""


@dataclass(frozen=True)
class PackPage:
    """One page of one document and the ways to the others. Without a `view`: picture on a wide screen, text on a phone."""

    documents: tuple[DocumentTab, ...] = ()
    current: DocumentTab | None = None
    page: int = 1
    view: str = ""
    picture_href: str = ""
    paragraphs: tuple[str, ...] = ()
    previous_href: str = ""
    next_href: str = ""
    view_hrefs: Mapping[str, str] | None = None
    zoom_href: str = ""
    is_large: bool = False
    is_picture_only: bool = False
    letters: tuple[Letter, ...] = ()
    finding: Finding = Finding()
    asked: str = ""  # the section of the question
    top: float = 0.0  # how far down this page that section begins, from 0 to 1
    checks: tuple[tuple[str, str], ...] = ()  # what the lead compared with the real names

    @property
    def section(self) -> str:
        """The section that this page is in, as far as that is known: of several, the question's or none."""
        here = [letter.section for letter in self.letters if letter.is_here]
        return self.asked if self.asked in here else here[0] if len(here) == 1 else ""


def place_asked() -> dict[str, str]:
    """Where in the pack the reader is, as far as the address or the form says."""
    sent = request.form if request.method == "POST" else request.args
    return {name: sent[name][:60] for name in ("document", "page", "view", "zoom", "find") if sent.get(name)}


def place_elsewhere(place: Mapping[str, str]) -> dict[str, Any]:
    """What stays of a place when another section of the plan is opened: how it is read, not where."""
    return {name: value for name, value in place.items() if name in ("view", "zoom")}


def pack_page(mine: MySheet, key: str, section: str) -> PackPage:
    """The page of the pack that the address asks for; otherwise the one where the question's section begins, or the first."""
    asked = place_asked()
    if "document" not in asked:
        asked = asked | _section_begins(mine, section)
    pack = _pack(mine)
    view = asked["view"] if asked.get("view") in VIEWS else ""
    tabs = tuple(_tab(mine, key, document, view) for document in pack)
    current = next((tab for tab in tabs if tab.id == asked.get("document")), tabs[0] if tabs else None)
    if current is None:
        return PackPage()
    document = next(each for each in pack if each.id == current.id)
    page = _page(asked.get("page", "1"), current.pages)
    kept = {name: asked[name] for name in ("zoom", "find") if asked.get(name)}
    href = _hrefs(mine, key, current.id, kept)
    return PackPage(
        tabs,
        current,
        page,
        view,
        url_for("score.picture", sheet_id=mine.id, document_id=current.id, page=page) if current.is_drawn else "",
        _paragraphs(mine, current, page),
        href(page - 1, view) if page > 1 else "",
        href(page + 1, view) if page < current.pages else "",
        {name: href(page, name) for name in VIEWS},
        _hrefs(mine, key, current.id, kept | {"zoom": "" if asked.get("zoom") else "large"})(page, "picture"),
        bool(asked.get("zoom")),
        page in document.wordless,
        _letters(document, page, href, view),
        _finding(mine, key, current, asked.get("find", ""), view),
        section,
        next((place.top for place in document.sections if (place.section, place.page) == (section, page)), 0.0),
        register.pack_checks(db(), viewer().area_id or "", mine.plan.plan_version_id),
    )


def section_link(mine: MySheet, key: str, section: str) -> tuple[str, str]:
    """Where the plan speaks of a section, as an address and in words; both empty where that is not known."""
    place = _section_begins(mine, section)
    if not place:
        return "", ""
    href = url_for("score.question", sheet_id=mine.id, key=key, **place_elsewhere(place_asked()), **place)
    return href, f"Section {section}, page {place['page']}"


def _letters(document: PackDocument, page: int, href: Callable[[int, str], str], view: str) -> tuple[Letter, ...]:
    """The sections of the document; those on this page, or else the last one before it, are here."""
    before = [place for place in document.sections if place.page <= page]
    last = max((place.page for place in before), default=0)
    here = {place.section for place in before if place.page == last}
    return tuple(Letter(place.section, place.page, href(place.page, view), place.section in here) for place in document.sections)


def _finding(mine: MySheet, key: str, current: DocumentTab, wanted: str, view: str) -> Finding:
    if not wanted or not current.is_drawn:
        return Finding()
    try:
        hits = register.find_in_document(db(), _store(), viewer().area_id or "", mine.plan.plan_version_id, current.id, wanted)
    except NotFound:  # the store has lost it; the page says so where the text would be
        hits = ()
    href = _hrefs(mine, key, current.id, {"find": wanted})
    clear = _hrefs(mine, key, current.id)(1, view)
    return Finding(wanted, tuple((hit, href(hit.page, view)) for hit in hits[:SHOWN_HITS]), len(hits), clear)


@pages.get("/sheets/<sheet_id>/documents/<document_id>/pages/<int:page>")
@open_to(Role.AUDITOR)
def picture(sheet_id: str, document_id: str, page: int) -> Response:
    """One page as a picture, for the auditor whose sheet it is."""
    mine = desk().sheet(sheet_id)
    drawn = register.page_picture(db(), _store(), viewer().area_id or "", mine.plan.plan_version_id, document_id, page)
    response = make_response(drawn)
    response.headers["Content-Type"] = type_of(drawn)
    return response


def _pack(mine: MySheet) -> tuple[PackDocument, ...]:
    """The documents that may be read: none before the lead has confirmed that they are de-identified."""
    try:
        return register.audit_pack(db(), viewer().area_id or "", mine.plan.plan_version_id).documents
    except NotFound:
        return ()


def _section_begins(mine: MySheet, section: str) -> dict[str, Any]:
    try:
        place = register.section_place(db(), viewer().area_id or "", mine.plan.plan_version_id, section)
    except NotFound:
        return {}
    return {"document": place.document_id, "page": str(place.page)} if place else {}


def _tab(mine: MySheet, key: str, document: PackDocument, view: str) -> DocumentTab:
    dated = f"{london_date(document.date)}, " if document.date else ""
    href = _hrefs(mine, key, document.id)(1, view)
    return DocumentTab(document.id, document.label, dated + plural(document.pages, "page"), document.pages, document.is_drawn, href)


def _hrefs(mine: MySheet, key: str, document_id: str, kept: Mapping[str, str] | None = None) -> Callable[[int, str], str]:
    """Addresses of this question with a page of a document beside it."""

    given: dict[str, Any] = {name: value for name, value in (kept or {}).items() if value}

    def href(page: int, view: str) -> str:
        return url_for("score.question", sheet_id=mine.id, key=key, document=document_id, page=page, view=view or None, **given)

    return href


def _page(asked: str, pages_there: int) -> int:
    number = int(asked) if re.fullmatch(r"\d{1,4}", asked) else 1
    return min(max(number, 1), pages_there)


def _paragraphs(mine: MySheet, current: DocumentTab, page: int) -> tuple[str, ...]:
    if not current.is_drawn:
        return ()
    here = (viewer().area_id or "", mine.plan.plan_version_id, current.id, page)
    try:
        return reflowed(register.page_text(db(), _store(), *here))
    except NotFound:  # the store has lost it; the question can still be answered
        return ("This document cannot be opened at the moment. You can still answer and save. Tell your QA lead.",)


def reflowed(text: str) -> tuple[str, ...]:
    """Lines of a page as paragraphs that fit any screen: a line that goes on in the next one is joined to it."""
    joined = re.sub(r"[ \t]*\r?\n[ \t]*(?=[a-z(,;])", " ", text)
    return tuple(line.strip() for line in joined.splitlines() if line.strip())


def _store() -> Store:
    found: Store = current_app.extensions["moderation"]["store"]
    return found
