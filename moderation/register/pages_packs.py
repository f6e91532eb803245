"""The lead's pages of audit packs: add, look at, download and remove documents. Every reading of an original is recorded."""

from flask import Response, current_app, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.store import Store, Stored
from moderation.web.access import open_to, viewer
from moderation.web.render import act, db, render, settled
from moderation.words import InvalidInput, Role, ServiceError

from . import actions, queries, uploads
from .blueprint import pages
from .finding import LONGEST
from .forms import AddDocument, sections_form
from .packs import MOST_BYTES, PICTURE_TYPE, check_at_first_sight, check_inside, keep_document
from .rules import wordless_in_words
from .word import is_package

AT_ONCE = 4_000_000  # bytes of a PDF that are cleaned while somebody waits: most of a second
ZOOMS = ("Whole page", "Larger", "Largest")


def store() -> Store:
    found: Store = current_app.extensions["moderation"]["store"]
    return found


def _area() -> str:
    return viewer().area_id or ""


@pages.route("/plans/<plan_version_id>/documents/new", methods=["GET", "POST"])
@open_to(Role.LEAD)
def document_new(plan_version_id: str) -> AnyResponse:
    view, form = queries.plan_view(db(), _area(), plan_version_id), AddDocument()
    if form.validate_on_submit():
        try:
            return settled("register.plan", _attach(plan_version_id, form), plan_version_id=plan_version_id)
        except InvalidInput as wrong:
            form.add(wrong.problems)
    return render("register/document_new.html", view, status=422 if form.errors else 200, form=form)


def _attach(plan_version_id: str, form: AddDocument) -> str:
    """Kept first, then put on the register: a document on the register is always in the store. Says what was done."""
    content, name = form.file.data.stream.read(MOST_BYTES + 1), form.file.data.filename[:200]
    if is_package(content) or len(content) > AT_ONCE:
        return _have_prepared(plan_version_id, form, content, name)
    kept = keep_document(store(), content, name)
    try:
        act(actions.attach_document, plan_version_id, form.kind.data, form.dated.data, kept)
    except ServiceError:
        _throw_away(kept.stored)
        raise
    return f"Document added. Its pages can be looked at in a minute. {wordless_in_words(kept.wordless, kept.pages)}".strip()


def _have_prepared(plan_version_id: str, form: AddDocument, content: bytes, name: str) -> str:
    """A Word file takes a while to be made into pages, and a large PDF to be cleaned: the clock does it, and nobody waits."""
    check_at_first_sight(content)
    check_inside(content)
    file = uploads.kept(store(), name, content)
    try:
        act(uploads.start_direct, plan_version_id, form.kind.data, form.dated.data, file)
    except ServiceError:
        if file.stored:
            _throw_away(file.stored)
        raise
    return "File uploaded. It is being prepared, which takes a minute or two for a long one."


def _throw_away(stored: Stored) -> None:
    store().erase(stored.path)


@pages.route("/documents/<document_id>/remove", methods=["GET", "POST"])
@open_to(Role.LEAD)
def document_remove(document_id: str) -> AnyResponse:
    view = queries.document_page(db(), store(), _area(), document_id)
    if request.method == "GET":
        return render("register/document_remove.html", view)
    store().erase(act(actions.remove_document, document_id))
    return settled("register.plan", "Document removed and erased.", plan_version_id=view.plan_version_id)


@pages.get("/documents/<document_id>/original")
@open_to(Role.LEAD)
def document_original(document_id: str) -> Response:
    found = queries.original(db(), _area(), document_id)
    act(actions.record_reading, document_id)
    response = make_response(queries.content_of(store(), found.place))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    return response


@pages.get("/documents/<document_id>")
@open_to(Role.LEAD)
def document(document_id: str) -> Response:
    page, wanted = request.args.get("page", 1, type=int), request.args.get("find", "").strip()[:LONGEST]
    view = queries.document_page(db(), store(), _area(), document_id, page, wanted)
    act(actions.record_reading, document_id, view.page)
    return render("register/document.html", view, zoom=min(max(request.args.get("zoom", 1, type=int), 1), len(ZOOMS)), zooms=ZOOMS)


@pages.route("/documents/<document_id>/sections", methods=["GET", "POST"])
@open_to(Role.LEAD)
def document_sections(document_id: str) -> AnyResponse:
    view = queries.document_page(db(), store(), _area(), document_id)
    form = sections_form(view.document.pages, {place.section: place.page for place in view.document.sections}, view.version)
    if form.validate_on_submit():
        act(actions.place_sections, document_id, form.places(), form.version.data)
        return settled("register.document", "Saved. Each question opens the plan where you said.", document_id=document_id)
    return render("register/document_sections.html", view, 422 if form.errors else 200, form=form)


@pages.get("/documents/<document_id>/pages/<int:page>.webp")
@open_to(Role.LEAD)
def document_picture(document_id: str, page: int) -> Response:
    picture = queries.lead_picture(db(), store(), _area(), document_id, page)
    act(actions.record_reading, document_id, page)
    response = make_response(picture)
    response.headers["Content-Type"] = PICTURE_TYPE
    return response
