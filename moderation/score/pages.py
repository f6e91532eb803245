"""*My plans*: what an auditor was given, and accepting, declining or giving it back. The other pages of the stage join below."""

from flask import Blueprint
from werkzeug.wrappers import Response

from moderation import instants
from moderation.allocate import actions as allocate
from moderation.people.absences import away_dates
from moderation.people.reminders import in_words, own_reminder_days
from moderation.web.access import open_to, viewer
from moderation.web.fields import Form, TextArea
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, htmx, redirect_to, render, settled
from moderation.words import Role

from . import actions
from .own import RaterDesk
from .plans import PlanList, about, plan_list
from .questions import questions_for
from .rules import LONGEST_REASON
from .views import MyPlan

pages = Blueprint("score", __name__)


class DeclineForm(Form):
    reason = TextArea("Why can you not score this plan?", needed="Enter why you cannot score this plan", limit=LONGEST_REASON)


class ConflictForm(Form):
    reason = TextArea(
        "How do you know this child, family or setting?", limit=LONGEST_REASON,
        needed="Enter how you know this child, family or setting",
        hint="A few words are enough, for example: I taught this child in 2024. Do not write their name.",
    )  # fmt: skip


class HandBackForm(Form):
    reason = TextArea(
        "Why are you handing this plan back?", needed="Enter why you are handing this plan back", limit=LONGEST_REASON
    )


def desk() -> RaterDesk:
    """The desk of the auditor who is signed in, in the area of the request."""
    person = viewer()
    return RaterDesk(db(), person.area_id or "", person.account_id)


def todays_list() -> PlanList:
    """The signed-in auditor's plans as they stand today."""
    area_id, mine = viewer().area_id or "", desk()
    return plan_list(mine.plans(), mine.progress(), lambda plan: questions_for(db(), area_id, plan), instants.today(), mine.pace())


@pages.get("/my-plans")
@open_to(Role.AUDITOR)
def my_plans() -> Response:
    return _my_plans()


def _my_plans(accepted: MyPlan | None = None) -> Response:
    away = away_dates(db(), viewer().area_id or "", viewer().account_id)
    when = in_words(own_reminder_days(db(), viewer().account_id))
    return render("score/my_plans.html", todays_list(), away=away, reminders=when, accepted=accepted)


@pages.post("/my-plans/<allocation_id>/accept")
@open_to(Role.AUDITOR)
def accept(allocation_id: str) -> Response:
    """With a script the plan moves to its new place and the button to start it has the focus."""
    act(allocate.accept, allocation_id)
    if htmx:
        return _my_plans(desk().plan(allocation_id))
    return settled("score.my_plans", f"You have accepted plan {desk().plan(allocation_id).facts.reference}.")


@pages.post("/my-plans/<allocation_id>/start")
@open_to(Role.AUDITOR)
def start(allocation_id: str) -> Response:
    sheet_id = act(actions.start, allocation_id)
    first = questions_for(db(), viewer().area_id or "", desk().plan(allocation_id))[0]
    return redirect_to("score.question", sheet_id=sheet_id, key=first.key)


@pages.get("/my-plans/<allocation_id>/decline")
@open_to(Role.AUDITOR)
def decline(allocation_id: str) -> Response:
    return _ask("decline", desk().plan(allocation_id), DeclineForm())


@pages.post("/my-plans/<allocation_id>/decline")
@open_to(Role.AUDITOR)
@keeps_typed(named(reason="Why you cannot score this plan"))
def send_decline(allocation_id: str) -> Response:
    form = DeclineForm()
    if not form.validate():
        return _ask("decline", desk().plan(allocation_id), form, 422)
    act(allocate.decline, allocation_id, form.reason.data)
    return settled("score.my_plans", "You have declined the plan.")


@pages.get("/my-plans/<allocation_id>/conflict")
@open_to(Role.AUDITOR)
def declare_conflict(allocation_id: str) -> Response:
    return _ask("conflict", desk().plan(allocation_id), ConflictForm())


@pages.post("/my-plans/<allocation_id>/conflict")
@open_to(Role.AUDITOR)
@keeps_typed(named(reason="How you know this child, family or setting"))
def send_conflict(allocation_id: str) -> Response:
    form = ConflictForm()
    if not form.validate():
        return _ask("conflict", desk().plan(allocation_id), form, 422)
    act(allocate.declare_conflict, allocation_id, form.reason.data)
    return settled("score.my_plans", "The plan has gone back. You will not be offered it again.")


@pages.get("/my-plans/<allocation_id>/hand-back")
@open_to(Role.AUDITOR)
def give_back(allocation_id: str) -> Response:
    return _ask("hand_back", desk().plan(allocation_id), HandBackForm())


@pages.post("/my-plans/<allocation_id>/hand-back")
@open_to(Role.AUDITOR)
@keeps_typed(named(reason="Why you are handing this plan back"))
def send_back(allocation_id: str) -> Response:
    form = HandBackForm()
    if not form.validate():
        return _ask("hand_back", desk().plan(allocation_id), form, 422)
    act(allocate.hand_back, allocation_id, form.reason.data)
    return settled("score.my_plans", "You have handed the plan back.")


def _ask(what: str, plan: MyPlan, form: Form, status: int = 200) -> Response:
    """A page that asks for a reason before a plan goes back."""
    return render("score/give_up.html", plan, status, what=what, form=form, about=about(plan.facts))


from . import pages_concerns, pages_pack, pages_progress, pages_reopen, pages_sheet  # noqa: E402, F401 - they add their pages
