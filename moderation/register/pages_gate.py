"""The lead's pages of the gate: who is in the plan, what was found, each page in its place, what was compared, and the release."""

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.web.access import open_to, viewer
from moderation.web.filters import plural
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settled
from moderation.words import InvalidInput, Role, ServiceError

from . import gate, gate_deciding, queries
from .actions import record_reading
from .blueprint import pages
from .flattening import type_of
from .forms import Versioned
from .gate_forms import AddWords, ChangeToken, MarkArea, PeopleForm, Release, checks_form, filled_people
from .gate_packs import keep_people
from .gate_page_views import GatePage, gate_page
from .gate_reading import pack_texts, people_view
from .gate_rules import Check
from .gate_tables import Decision, LookState
from .gate_views import GateView, gate_view
from .identity.kinds import Found, Kind
from .identity.search import occurrences
from .pages_packs import store

_people_in = named(
    child="Full name of the child or young person", others="Other names they are called", born="Date of birth",
    parents="Parents and carers", children="Brothers, sisters and other children", staff="Professionals",
    settings="Schools and other settings",
)  # fmt: skip
DONE = {
    Decision.REPLACE: "will be replaced",
    Decision.KEEP: "will be kept as it is",
    Decision.WAITING: "waits for a decision again",
}
DONE_MANY = {
    Decision.REPLACE: "will be replaced",
    Decision.KEEP: "will be kept as they are",
    Decision.WAITING: "wait for a decision again",
}


def _area() -> str:
    return viewer().area_id or ""


def _view(plan_version_id: str) -> GateView:
    return gate_view(db(), store(), _area(), plan_version_id)


@pages.get("/plans/<plan_version_id>/gate")
@open_to(Role.LEAD)
def gate_overview(plan_version_id: str) -> Response:
    return _overview(plan_version_id, AddWords(formdata=None))


def _overview(plan_version_id: str, form: AddWords, status: int = 200) -> Response:
    view = _view(plan_version_id)
    if view.kinds:
        act(gate_deciding.note_names_seen, plan_version_id)
    return render("register/gate.html", view, status, form=form, rename=ChangeToken(formdata=None))


@pages.route("/plans/<plan_version_id>/gate/people", methods=["GET", "POST"])
@open_to(Role.LEAD)
@keeps_typed(_people_in)
def gate_people(plan_version_id: str) -> AnyResponse:
    people, version, setting = people_view(db(), store(), _area(), plan_version_id)
    plan = queries.plan_view(db(), _area(), plan_version_id)
    if people.cast:
        act(gate_deciding.note_names_seen, plan_version_id)
    form = PeopleForm() if request.method == "POST" else filled_people(people, version, setting)
    if not form.validate_on_submit():
        return render("register/gate_people.html", plan, 422 if form.errors else 200, form=form)
    _keep_people(plan_version_id, form)
    return settled("register.gate_overview", "Saved. The documents are searched again.", plan_version_id=plan_version_id)


def _keep_people(plan_version_id: str, form: PeopleForm) -> None:
    """Kept first, then known: a gate never points at people who are not in the store."""
    kept = keep_people(store(), form.people)
    try:
        act(gate_deciding.name_people, plan_version_id, form.version.data, kept)
    except ServiceError:
        store().erase(kept.path)
        raise


@pages.post("/plans/<plan_version_id>/gate/decide")
@open_to(Role.LEAD)
def gate_decide(plan_version_id: str) -> AnyResponse:
    """One finding, all alike, all of a kind, or all that wait."""
    view = _view(plan_version_id)
    chosen = _chosen(view, request.form)
    decision = Decision(request.form["decision"]) if request.form.get("decision") in list(Decision) else Decision.WAITING
    count = act(gate_deciding.decide, plan_version_id, chosen, decision, _seen(request.form))
    words = f"1 finding {DONE[decision]}." if count == 1 else f"{plural(count, 'finding')} {DONE_MANY[decision]}."
    return _back(plan_version_id, words)


def _chosen(view: GateView, form: Mapping[str, str]) -> tuple[str, ...]:
    if form.get("finding"):
        return (form["finding"],)
    if form.get("group"):
        return view.group(form["group"]).finding_ids
    groups = [group for kind in view.kinds for group in kind.groups if form.get("kind") in (kind.kind.value, "all")]
    return tuple(place.finding_id for group in groups for place in group.places if place.is_waiting)


def _seen(form: Mapping[str, str]) -> str | None:
    """What the page had seen of the findings that it names; many at once are only those that wait."""
    return form.get("seen", "") if form.get("finding") or form.get("group") else None


def _back(plan_version_id: str, words: str) -> AnyResponse:
    """To where the person was: the page with its next undecided finding, or the overview."""
    here = request.form.get("page", "")
    if here.isdigit() and request.form.get("document"):
        return settled("register.gate_page_of", words, document_id=request.form["document"], page=int(here), _anchor="next")
    return settled("register.gate_overview", words, plan_version_id=plan_version_id, _anchor=request.form.get("anchor") or None)


@pages.post("/plans/<plan_version_id>/gate/token")
@open_to(Role.LEAD)
def gate_token(plan_version_id: str) -> AnyResponse:
    form = ChangeToken()
    view = _view(plan_version_id)
    if not form.validate_on_submit():
        return render("register/gate.html", view, 422, form=AddWords(formdata=None), rename=form)
    chosen, seen = view.group(request.form.get("group", "")).finding_ids, request.form.get("seen", "")
    count = act(gate_deciding.change_token, plan_version_id, chosen, form.token.data, seen)
    return _back(plan_version_id, f"[{form.token.data}] now stands for {plural(count, 'finding')}.")


@pages.post("/plans/<plan_version_id>/gate/add")
@open_to(Role.LEAD)
@keeps_typed(named(words="Words to replace", token="Put this in their place"))  # noqa: S106
def gate_add(plan_version_id: str) -> AnyResponse:
    form = AddWords()
    if form.validate_on_submit():
        found = occurrences(pack_texts(db(), store(), _area(), plan_version_id), form.words.data, Kind.ADDED, form.token.data)
        if found:
            return _added(plan_version_id, form, found)
        form.say("words", "These words do not stand in any document. Check the spelling, or mark the place on the page")
    return _overview(plan_version_id, form, 422)


def _added(plan_version_id: str, form: AddWords, found: list[Found]) -> AnyResponse:
    count = act(gate_deciding.add_findings, plan_version_id, found, form.token.data)
    words = (
        f"Replaced by [{form.token.data}] in {plural(count, 'place')}."
        if count
        else "These words are replaced already, wherever they stand. To put another token there, use Change in the list."
    )
    return _back(plan_version_id, words)


@pages.get("/documents/<document_id>/gate/<int:page>")
@open_to(Role.LEAD)
def gate_page_of(document_id: str, page: int) -> Response:
    act(record_reading, document_id, page)
    return _page(gate_page(db(), store(), _area(), document_id, page))


def _page(view: GatePage, area: MarkArea | None = None, status: int = 200) -> Response:
    words = AddWords(formdata=None, document=view.document_id, page=str(view.page))
    return render("register/gate_page.html", view, status, form=area or MarkArea(formdata=None), words=words)


@pages.post("/documents/<document_id>/gate/<int:page>/look")
@open_to(Role.LEAD)
def gate_look(document_id: str, page: int) -> AnyResponse:
    state = request.form.get("state")
    chosen = LookState(state) if state in list(LookState) else LookState.WAITING
    act(gate_deciding.look_at, document_id, page, chosen)
    words = {LookState.LOOKED: "Noted that you looked at this page.", LookState.LEFT_OUT: "This page will be left out of the copy."}
    return settled(
        "register.gate_page_of", words.get(chosen, "This page waits to be looked at again."), document_id=document_id, page=page
    )


@pages.post("/documents/<document_id>/gate/<int:page>/area")
@open_to(Role.LEAD)
def gate_mark(document_id: str, page: int) -> AnyResponse:
    form = MarkArea()
    if form.validate_on_submit():
        try:
            act(gate_deciding.mark_area, _place(document_id, page, form), form.token.data)
            return settled(
                "register.gate_page_of", f"Covered, with [{form.token.data}] in its place.", document_id=document_id, page=page
            )
        except InvalidInput as wrong:
            form.add(wrong.problems)
    act(record_reading, document_id, page)
    return _page(gate_page(db(), store(), _area(), document_id, page), form, 422)


def _place(document_id: str, page: int, form: Any) -> gate_deciding.AreaPlace:
    left, top = form.left.data * 100, form.top.data * 100
    return gate_deciding.AreaPlace(
        document_id, page, left, top, min(10_000, left + form.wide.data * 100), min(10_000, top + form.high.data * 100)
    )


@pages.route("/plans/<plan_version_id>/gate/checks", methods=["GET", "POST"])
@open_to(Role.LEAD)
def gate_checks(plan_version_id: str) -> AnyResponse:
    view = _view(plan_version_id)
    form = checks_form(view.answers, view.gate_version)
    if not form.validate_on_submit():
        return render("register/gate_checks.html", view, 422 if form.errors else 200, form=form, checks=tuple(Check))
    act(gate_deciding.answer_checks, plan_version_id, form.version.data, {check.value: form[check.value].data for check in Check})
    return settled("register.gate_overview", "Answers saved.", plan_version_id=plan_version_id)


@pages.route("/plans/<plan_version_id>/gate/release", methods=["GET", "POST"])
@open_to(Role.LEAD)
def gate_release(plan_version_id: str) -> AnyResponse:
    view = _view(plan_version_id)
    form = Release(version=view.version)
    if not form.validate_on_submit():
        return render("register/gate_release.html", view, 422 if form.errors else 200, form=form)
    act(gate.pass_gate, plan_version_id, form.version.data)
    return settled(
        "register.gate_overview", "Released. The copies are made now, which takes about a minute.", plan_version_id=plan_version_id
    )


@pages.post("/plans/<plan_version_id>/gate/close")
@open_to(Role.LEAD)
def gate_close(plan_version_id: str) -> AnyResponse:
    form = Versioned()
    act(gate.close_gate, plan_version_id, form.version.data)
    return settled(
        "register.gate_overview", "The release is taken back. You can change the audit pack again.", plan_version_id=plan_version_id
    )


# --- what auditors get --------------------------------------------------------------------------------------------------------


@pages.get("/documents/<document_id>/released/<int:page>")
@open_to(Role.LEAD)
def released(document_id: str, page: int) -> Response:
    return render("register/released.html", queries.released_page(db(), store(), _area(), document_id, page))


@pages.get("/documents/<document_id>/released/<int:page>/picture")
@open_to(Role.LEAD)
def released_picture(document_id: str, page: int) -> Response:
    view = queries.released_page(db(), store(), _area(), document_id, page)
    return picture_answer(queries.page_picture(db(), store(), _area(), view.plan_version_id, document_id, page))


@pages.get("/documents/<document_id>/released.pdf")
@open_to(Role.LEAD)
def released_pdf(document_id: str) -> Response:
    found = queries.released_pdf(db(), store(), _area(), document_id)
    response = make_response(queries.content_of(store(), found.place))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    return response


def picture_answer(picture: bytes) -> Response:
    response = make_response(picture)
    response.headers["Content-Type"] = type_of(picture)
    return response
