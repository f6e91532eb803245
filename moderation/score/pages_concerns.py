"""Raising a concern while scoring, reading it as the one person who is told, and naming that person."""

from flask import url_for
from werkzeug.wrappers import Response

from moderation.people import queries as people
from moderation.web.access import SIGNED_IN, open_to, viewer
from moderation.web.fields import Form, Select, TextArea, Version
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, render, settings, settled
from moderation.words import NotFound, Role

from . import concerns
from .pages import desk, pages
from .rules import LONGEST_CONCERN, ConcernKind


class ConcernForm(Form):
    text = TextArea(
        "What have you seen?", needed="Say what you have seen and where in the papers it is", limit=LONGEST_CONCERN,
        hint="Say where in the papers it is. Do not write names: the person who is told can look them up.",
    )  # fmt: skip


class OutcomeForm(Form):
    outcome = TextArea(
        "What was done?", needed="Say what was done", limit=LONGEST_CONCERN,
        hint="For example, who was told and when. Do not write names of children or families.",
    )  # fmt: skip
    version = Version()


class NamedPersonForm(Form):
    account_id = Select("Who is told of concerns?", needed="Choose a person", blank="Choose a person")


@pages.route("/sheets/<sheet_id>/questions/<key>/concerns/<kind>", methods=["GET", "POST"])
@open_to(Role.AUDITOR)
@keeps_typed(named(text="What have you seen?"))
def concern(sheet_id: str, key: str, kind: str) -> Response:
    """Tell the named person at once, then come back to the question."""
    mine, form = desk().sheet(sheet_id), ConcernForm()
    chosen = _kind(kind)
    if form.validate_on_submit():
        inbox = settings().base_url.rstrip("/") + url_for("score.concerns_list")
        act(concerns.raise_concern, mine, chosen, form.text.data, inbox)
        return settled("score.question", "Your concern has been sent. It does not change your answers.", sheet_id=sheet_id, key=key)
    told = concerns.named_person(db(), viewer().area_id or "")
    words = {"key": key, "kind": chosen, "what": concerns.KIND_NAMES[chosen], "told": told}
    return render("score/concern.html", mine, 422 if form.errors else 200, form=form, **words)


@pages.get("/concerns")
@open_to(SIGNED_IN)
def concerns_list() -> Response:
    """The concerns that were sent to the person who is signed in, and, for a lead, who is told."""
    area_id = viewer().area_id or ""
    view = concerns.concerns_for(db(), area_id, viewer().account_id)
    return render("score/concerns.html", view, told=concerns.named_person(db(), area_id), may_name=viewer().has(Role.LEAD))


@pages.post("/concerns/<concern_id>/handled")
@open_to(SIGNED_IN)
def concern_handled(concern_id: str) -> Response:
    act(concerns.mark_handled, concern_id)
    return settled("score.concerns_list", "You have said that you are dealing with it.")


@pages.route("/concerns/<concern_id>/close", methods=["GET", "POST"])
@open_to(SIGNED_IN)
@keeps_typed(named(outcome="What was done?"))
def concern_close(concern_id: str) -> Response:
    """Close a concern with its outcome."""
    sent = concerns.concerns_for(db(), viewer().area_id or "", viewer().account_id)
    item = next((one for one in sent if one.id == concern_id), None)
    if item is None:
        raise NotFound("Page not found")
    form = OutcomeForm(data={"version": item.version})
    if form.validate_on_submit():
        act(concerns.close, concern_id, form.version.data, form.outcome.data)
        return settled("score.concerns_list", "The concern is closed.")
    return render("score/concern_close.html", item, 422 if form.errors else 200, form=form)


@pages.route("/concerns/named-person", methods=["GET", "POST"])
@open_to(Role.LEAD)
def named_person() -> Response:
    """Choose the one person of the area who is told of concerns."""
    area_id, form = viewer().area_id or "", NamedPersonForm()
    form.account_id.choices = [(member.account_id, f"{member.name}, {member.email}") for member in people.members(db(), area_id)]
    if form.validate_on_submit():
        act(concerns.name_person, form.account_id.data)
        return settled("score.concerns_list", "Concerns go to this person from now on.")
    told = concerns.named_person(db(), area_id)
    if form.account_id.data is None and told:
        form.account_id.data = told.account_id
    return render("score/named_person.html", None, 422 if form.errors else 200, form=form)


def _kind(kind: str) -> ConcernKind:
    if kind not in set(ConcernKind):
        raise NotFound("Page not found")
    return ConcernKind(kind)
