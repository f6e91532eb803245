"""The sheet: one question at a time, every change saved at once, a last look, submitting, thanks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from moderation.register.framework import Criterion
from moderation.register.readers import knows_names
from moderation.web.access import open_to, viewer
from moderation.web.keeping import keeps_typed
from moderation.web.render import act, db, fragment, htmx, redirect_to, render
from moderation.words import InvalidInput, NotFound, Problem, Refused, Role, StaleWrite

from . import actions, posted, sheet
from .notices import notices
from .own_pace import to_go
from .pages import desk, pages, todays_list
from .pages_pack import pack_page, place_asked, place_elsewhere, section_link
from .plans import standing, year_and_event
from .questions import asked as asked_of
from .rules import LONGEST, NamesSeen, ScoresheetIncomplete, SheetState
from .views import AskedSheet, MyAnswer


@dataclass(frozen=True)
class Conflict:
    """Two versions of one answer, to choose from."""

    sheet_id: str
    key: str
    title: str
    version: int
    typed_at: datetime | None
    saved_at: datetime | None
    fields: Mapping[str, str]
    mine: list[tuple[str, str]]
    theirs: list[tuple[str, str]]


@dataclass(frozen=True)
class QuestionPage:
    """What the sheet shows around one question."""

    sheet_id: str
    reference: str
    facts: str
    due_on: date
    standing: str
    is_editable: bool
    saved_at: datetime | None
    version: int
    question: sheet.Question
    progress: sheet.Progress
    place: Mapping[str, str]
    typed_number: str | None = None

    def place_at(self, section: str) -> Mapping[str, str]:
        """The place in the pack for a question of this section: where the reader is, or where the section begins."""
        return self.place if section == self.question.criterion.section else place_elsewhere(self.place)

    @property
    def longest(self) -> Mapping[str, int]:
        """How long each text may be."""
        return LONGEST

    @property
    def number(self) -> str:
        """The number of a question without named levels: as it was typed and refused, or as it is saved."""
        if self.typed_number is not None:
            return self.typed_number
        value = self.question.answer.value
        return "" if value is None else f"{self.question.criterion.scale.number(value):g}"

    @property
    def chose_number(self) -> bool:
        answer = self.question.answer
        return bool(self.number) and not answer.non_score and not answer.left_for_now

    @property
    def lowest(self) -> str:
        scale = self.question.criterion.scale
        return f"{scale.number(scale.lowest):g}"

    @property
    def highest(self) -> str:
        scale = self.question.criterion.scale
        return f"{scale.number(scale.highest):g}"


def _criterion(criteria: tuple[Criterion, ...], key: str) -> Criterion:
    found = next((criterion for criterion in criteria if criterion.key == key), None)
    if found is None:
        raise NotFound("Page not found")
    return found


def _asked(sheet_id: str) -> AskedSheet:
    return asked_of(db(), viewer().area_id or "", desk().sheet(sheet_id))


def _to_answer(sheet_id: str) -> AskedSheet:
    """A sheet to go on with: not for somebody who, as a lead, has seen the names in its papers meanwhile."""
    asked, area_id = _asked(sheet_id), viewer().area_id or ""
    may_see = asked.sheet.is_editable and viewer().has(Role.LEAD)
    if may_see and knows_names(db(), area_id, viewer().account_id, asked.sheet.plan.plan_version_id):
        raise NamesSeen(asked.sheet.plan.allocation_id)
    return asked


@pages.errorhandler(NamesSeen)
def names_seen(error: NamesSeen) -> Response:
    """Why the plan must go back, and the way there; above the question that is open, when only another one was asked for."""
    plan = desk().plan(error.allocation_id)
    return fragment("score/_names_seen_swap.html", plan, 409) if htmx else render("score/names_seen.html", plan, 409)


@pages.get("/sheets/<sheet_id>", endpoint="sheet")
@open_to(Role.AUDITOR)
def go_on(sheet_id: str) -> Response:
    """Go on where there is something to do."""
    asked = _to_answer(sheet_id)
    if not asked.sheet.is_editable:
        return redirect_to("score.check", sheet_id=sheet_id)
    lines = sheet.sections(asked.framework, asked.criteria, asked.sheet.answers)
    unfinished = next((line for line in lines if line.mark != sheet.Mark.DONE), None)
    if unfinished is None:
        return redirect_to("score.check", sheet_id=sheet_id)
    return redirect_to("score.question", sheet_id=sheet_id, key=unfinished.first_key)


@pages.get("/sheets/<sheet_id>/questions/<key>")
@open_to(Role.AUDITOR)
def question(sheet_id: str, key: str) -> Response:
    return _show(_to_answer(sheet_id), key)


@pages.post("/sheets/<sheet_id>/questions/<key>")
@open_to(Role.AUDITOR)
@keeps_typed(posted.in_lines)
def save(sheet_id: str, key: str) -> Response:
    """One field from a page that saves as it goes, or the whole form from its buttons."""
    try:
        saved = act(actions.save, sheet_id, key, partial(posted.read, form=request.form), request.form.get("version", 0, int))
    except StaleWrite as stale:
        return _choose(sheet_id, key, stale)
    except InvalidInput as invalid:
        return _refuse(_asked(sheet_id), key, invalid.problems)
    except Refused as no:
        return _say_no(no)
    if "go" in request.form:
        return _go(saved.asked, key, request.form["go"])
    return _confirm(saved, key)


def _show(asked: AskedSheet, key: str, status: int = 200, typed: Mapping[str, str] | None = None, **extra: Any) -> Response:
    section = _criterion(asked.criteria, key).section
    begins = section_link(asked.sheet, key, section)
    view, extra = _question_page(asked, key, typed), extra | {"time_to_go": _time_to_go(asked), "begins": begins}
    if htmx and not htmx.history_restore_request and htmx.target == "question":
        return fragment("score/_swap.html", view, status, **extra)
    return render("score/sheet.html", view, status, pack=pack_page(asked.sheet, key, section), **extra)


def _time_to_go(asked: AskedSheet) -> str:
    """How long the rest of a sheet takes at this auditor's own pace."""
    waiting = sum(not asked.sheet.saved.get(criterion.key, MyAnswer()).answer.is_answered for criterion in asked.criteria)
    return to_go(desk().pace(), waiting) if asked.sheet.is_editable else ""


def _question_page(asked: AskedSheet, key: str, typed: Mapping[str, str] | None = None) -> QuestionPage:
    """The question as it is saved, or with what was typed and refused in its boxes; the progress counts what is saved."""
    shown = asked.with_typed(key, posted.readable(_criterion(asked.criteria, key), typed or {}))
    mine, saved = asked.sheet, asked.sheet.saved.get(key, MyAnswer())
    return QuestionPage(
        mine.id, mine.plan.facts.reference, year_and_event(mine.plan.facts), mine.plan.due_on, standing(mine.plan),
        mine.is_editable, mine.last_saved_at, saved.version,
        sheet.question(asked.criteria, shown.sheet.answers, key),
        sheet.progress(asked.framework, asked.criteria, mine.answers, key),
        place_asked(), (typed or {}).get(posted.NUMBER),
    )  # fmt: skip


def _confirm(saved: actions.Saved, key: str) -> Response:
    """Saved at once: the time, the version the page now looks at, and the marks that changed."""
    if not htmx:
        return redirect_to("score.question", sheet_id=saved.asked.sheet.id, key=key, **place_asked())
    view = replace(_question_page(saved.asked, key), version=saved.version)
    response = fragment("score/_saved.html", view)
    response.headers["X-Saved"] = str(saved.version)
    return response


def _go(asked: AskedSheet, key: str, where: str) -> Response:
    """On to the next or the previous question; after the last one, to the check page."""
    keys = [criterion.key for criterion in asked.criteria]
    to = keys.index(key) + {"next": 1, "previous": -1}.get(where, 0)
    if 0 <= to < len(keys):
        same = asked.criteria[to].section == _criterion(asked.criteria, key).section
        place = place_asked() if same else place_elsewhere(place_asked())
        return redirect_to("score.question", sheet_id=asked.sheet.id, key=keys[to], **place)
    return redirect_to("score.check", sheet_id=asked.sheet.id)


def _choose(sheet_id: str, key: str, stale: StaleWrite) -> Response:
    """Somebody else (the same person elsewhere) saved first: both versions, and nothing is lost."""
    asked = _asked(sheet_id)
    criterion, saved = _criterion(asked.criteria, key), asked.sheet.saved.get(key, MyAnswer())
    conflict = Conflict(
        sheet_id, key, criterion.title, saved.version, posted.typed_at(request.form), saved.saved_at, posted.write(stale.mine),
        posted.describe(criterion, stale.mine), posted.describe(criterion, stale.theirs),
    )  # fmt: skip
    if htmx:
        return fragment("score/_conflict_swap.html", conflict, 409)
    return _show(asked, key, 409, conflict=conflict)


def _refuse(asked: AskedSheet, key: str, problems: list[Problem]) -> Response:
    """The message above its field; what was typed stays in the box."""
    by_field = {problem.field: problem.message for problem in problems}
    if htmx and "go" not in request.form:
        response = fragment("score/_problem.html", problems, 422)
        response.headers["X-Refused"] = " ".join(by_field)  # the page sends the other fields again without these
        return response
    return _show(asked, key, 422, typed=request.form, problems=by_field)


def _say_no(no: Refused) -> Response:
    """The sheet can no longer be changed: said above the question, or on a page of its own."""
    if not htmx:
        raise no
    return fragment("score/_refused.html", str(no), 409)


@pages.get("/sheets/<sheet_id>/check")
@open_to(Role.AUDITOR)
def check(sheet_id: str) -> Response:
    return _check(_to_answer(sheet_id))


@pages.post("/sheets/<sheet_id>/submit")
@open_to(Role.AUDITOR)
def submit(sheet_id: str) -> Response:
    asked = _asked(sheet_id)
    if asked.sheet.is_editable and request.form.get("own") != "yes":
        return _check(asked, 422, unsigned=True)
    try:
        act(actions.submit, sheet_id, request.form.get("version", 0, int))
    except ScoresheetIncomplete:
        return _check(_asked(sheet_id), 422)
    except StaleWrite:
        return _check(_asked(sheet_id), 409, changed=True)
    return redirect_to("score.thanks", sheet_id=sheet_id)


def _check(asked: AskedSheet, status: int = 200, **extra: Any) -> Response:
    view = sheet.check(asked.framework, asked.criteria, asked.sheet.answers)
    words = {"facts": year_and_event(asked.sheet.plan.facts), "standing": standing(asked.sheet.plan)}
    gentle = notices(asked.framework, asked.criteria, asked.sheet.answers, asked.sheet.answer_times)
    return render("score/check.html", view, status, mine=asked.sheet, notices=gentle, **words, **extra)


@pages.get("/sheets/<sheet_id>/thanks")
@open_to(Role.AUDITOR)
def thanks(sheet_id: str) -> Response:
    """Locked. What comes next on this auditor's list?"""
    mine = desk().sheet(sheet_id)
    if mine.state is SheetState.DRAFT:
        return redirect_to("score.check", sheet_id=sheet_id)
    return render("score/thanks.html", mine, list=todays_list())
