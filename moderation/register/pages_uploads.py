"""The lead's pages for many files at once: upload, look over which plan each goes to, add them all."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.instants import today
from moderation.web.access import open_to, viewer
from moderation.web.filters import plural
from moderation.web.render import act, db, engine, redirect_to, render, settled
from moderation.words import InvalidInput, Problem, Role

from . import jobs, queries
from . import uploads as uploads_verbs
from .audit_packs import DOCUMENT_NAMES
from .batch_views import BatchView, FileLine
from .blueprint import pages
from .forms import AddFiles
from .packs import MOST_BYTES
from .pages_packs import store
from .tables import DocumentKind

MOST_FILES = 200
CHECK_AT_ONCE = 8  # seconds that somebody may be kept waiting; the clock checks the rest


def _area() -> str:
    return viewer().area_id or ""


def _view(batch_id: str) -> BatchView:
    return queries.batch_view(db(), _area(), batch_id, viewer().account_id)


@pages.route("/uploads/new", methods=["GET", "POST"])
@open_to(Role.LEAD)
def uploads_new() -> AnyResponse:
    form = AddFiles()
    if not form.validate_on_submit():
        return render("register/uploads_new.html", form=form, status=422 if form.errors else 200)
    if len(form.files.data) > MOST_FILES:
        form.say("files", f"Choose up to {MOST_FILES} files at a time")
        return render("register/uploads_new.html", form=form, status=422)
    batch_id = _keep(form)
    jobs.check_files(engine(), store(), batch_id, CHECK_AT_ONCE)
    return redirect_to("register.uploads", batch_id=batch_id)


def _keep(form: AddFiles) -> str:
    """Every file is in the store before the batch says so."""
    kept = [
        one for file in form.files.data for one in uploads_verbs.arrived(store(), file.filename, file.stream.read(MOST_BYTES + 1))
    ]
    try:
        return act(uploads_verbs.start_batch, kept)
    except Exception:
        for one in kept:
            if one.stored:
                store().erase(one.stored.path)
        raise


@pages.route("/uploads/<batch_id>", methods=["GET", "POST"])
@open_to(Role.LEAD)
def uploads(batch_id: str) -> AnyResponse:
    """Save what was changed; with the button that adds, add them all as well."""
    view = _view(batch_id)
    if view.plan_version_id:
        return redirect_to("register.plan", plan_version_id=view.plan_version_id)
    if request.method == "GET" or view.ended_at:
        return _page(view)
    try:
        act(uploads_verbs.change_batch, batch_id, _changes(view), request.form.get("version", 0, int))
        if request.form.get("do") != "add":
            return settled("register.uploads", "Changes saved.", batch_id=batch_id)
        return _added(batch_id)
    except InvalidInput as wrong:
        return _page(_view(batch_id), wrong.problems)


def _added(batch_id: str) -> AnyResponse:
    count, unneeded = act(uploads_verbs.add_batch, batch_id)
    for place in unneeded:
        store().erase(place)
    return settled("register.plans", f"{plural(count, 'document')} added. Their pages can be looked at in a few minutes.")


@pages.route("/uploads/<batch_id>/throw-away", methods=["GET", "POST"])
@open_to(Role.LEAD)
def uploads_throw_away(batch_id: str) -> AnyResponse:
    view = _view(batch_id)
    if request.method == "GET":
        return render("register/uploads_throw_away.html", view)
    for place in act(uploads_verbs.throw_away, batch_id):
        store().erase(place)
    if view.plan_version_id:
        return settled("register.plan", "The file has been thrown away.", plan_version_id=view.plan_version_id)
    return settled("register.plans", "The files have been thrown away.")


def _page(view: BatchView, problems: Sequence[Problem] = ()) -> Response:
    typed = request.form if problems else {}
    return render("register/uploads.html", view, 422 if problems else 200, problems=problems, typed=typed, kinds=DOCUMENT_NAMES)


def _changes(view: BatchView) -> Mapping[str, uploads_verbs.Change]:
    """What the form says of each file that can be changed; InvalidInput names every date that is none."""
    problems: list[Problem] = []
    changes = {line.id: _change(line, problems) for line in view.files if f"kind-{line.position}" in request.form}
    if problems:
        raise InvalidInput(problems)
    return changes


def _change(line: FileLine, problems: list[Problem]) -> uploads_verbs.Change:
    def sent(name: str) -> str:
        return request.form.get(f"{name}-{line.position}", "").strip()

    dated = _day(sent("dated"))
    if sent("dated") and (dated is None or not date(2000, 1, 1) <= dated <= today()):
        problems.append(Problem(f"dated-{line.position}", f"File {line.position}: enter a date like 27/3/2026, up to today"))
    kind = DocumentKind(sent("kind")) if sent("kind") in set(DocumentKind) else line.kind
    return uploads_verbs.Change(sent("reference")[:40], kind, dated, bool(sent("leave")))


def _day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", text)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None
