"""The room on people's own devices: read the evidence, vote silently, see the result. And the steps that the chair takes."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here
from moderation.web.access import open_to, viewer
from moderation.web.render import act, db, fragment, redirect_to, render
from moderation.words import InvalidInput, Problem, Refused, Role

from . import queries_attend, queries_room
from .ballots import cast, cast_all, join, leave, take_step, take_up, vote_again
from .pages import pages
from .pages_beside import beside
from .pages_meetings import led_by_viewer
from .pages_room import the_room
from .pages_untaken import act_keeping, never_lost
from .queries_attend import AttendPage
from .queries_minutes import minutes_for
from .steps import Step


@pages.get("/my-meetings")
@open_to(Role.AUDITOR, Role.OBSERVER)
def my_meetings() -> Response:
    found = queries_attend.my_meetings(db(), here(), viewer().account_id)
    return render("moderate/my_meetings.html", found, votes=viewer().has(Role.AUDITOR))


def the_seat(meeting_id: str) -> AttendPage:
    return queries_attend.attend_page(db(), here(), meeting_id, viewer().account_id)


@pages.get("/meetings/<meeting_id>/room")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room(meeting_id: str) -> Response:
    return _seated(the_seat(meeting_id), again=request.args.get("again"))


def _seated(seat: AttendPage, again: object, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    plan = beside(seat.cell) if seat.cell and not seat.observes and not seat.is_question else None
    address = url_for("moderate.meeting_room_plan", meeting_id=seat.meeting.meeting_id)
    shown = {"again": again, "problems": problems, "plan": plan, "plan_address": address, "typed": request.form}
    return render("moderate/attend.html", seat, status=status, **shown)


@pages.get("/meetings/<meeting_id>/room/now")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room_now(meeting_id: str) -> Response:
    """Asked every second: the count of votes; when the step has changed, the page is loaded anew."""
    mark, now = queries_attend.mark_of(db(), here(), meeting_id, viewer().account_id)
    return _small(mark, "moderate/_count.html", now)


def _small(mark: str, template: str, view: object) -> Response:
    if request.args.get("mark") == mark:
        return fragment(template, view)
    return _anew()


def _anew() -> Response:
    return Response(status=200, headers={"HX-Refresh": "true"})


@pages.post("/meetings/<meeting_id>/room/join")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room_join(meeting_id: str) -> AnyResponse:
    the_seat(meeting_id)
    act(join, meeting_id)
    return redirect_to("moderate.meeting_room", meeting_id=meeting_id)


@pages.post("/meetings/<meeting_id>/room/leave")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room_leave(meeting_id: str) -> AnyResponse:
    the_seat(meeting_id)
    act(leave, meeting_id)
    return redirect_to("moderate.meeting_room", meeting_id=meeting_id)


@pages.get("/meetings/<meeting_id>/room/minutes")
@open_to(Role.AUDITOR, Role.OBSERVER)
def meeting_room_minutes(meeting_id: str) -> Response:
    """Published minutes, for those who were there."""
    return render("moderate/room_minutes.html", minutes_for(db(), here(), meeting_id, viewer().account_id))


@pages.post("/meetings/<meeting_id>/room/vote")
@open_to(Role.AUDITOR)
def meeting_room_vote(meeting_id: str) -> AnyResponse:
    seat, item_id = the_seat(meeting_id), request.form.get("item", "")
    if not item_id:
        raise Refused("No vote is open. Nothing was recorded.")
    try:
        _cast(meeting_id, item_id)
    except InvalidInput as refusal:
        return _seated(seat, again=True, problems=_with_plans(seat, refusal.problems), status=422)
    return redirect_to("moderate.meeting_room", meeting_id=meeting_id)


def _with_plans(seat: AttendPage, problems: Sequence[Problem]) -> list[Problem]:
    """Of a question, which plan each of them is about."""
    plans = {f"answer-{cell.disagreement_id}": f"Plan {cell.plan.reference}. " for cell in seat.cells}
    return [replace(one, message=f"{plans.get(one.field, '')}{one.message}") for one in problems]


def _cast(meeting_id: str, item_id: str) -> None:
    """On an item, or on all plans of a question in one go."""
    if not request.form.get("question"):
        act(cast, meeting_id, item_id, request.form.get("answer", ""), ballot_sent())
        return
    answers = {name.removeprefix("answer-"): value for name, value in request.form.items() if name.startswith("answer-")}
    act(cast_all, meeting_id, item_id, answers, ballot_sent())


def ballot_sent() -> int:
    """Which vote of the item a form is about: the page it was sent from may be out of date."""
    return 2 if request.form.get("ballot") == "2" else 1


@pages.post("/meetings/<meeting_id>/items/<item_id>/vote-again")
@open_to(Role.MODERATOR)
@never_lost
def meeting_vote_again(meeting_id: str, item_id: str) -> AnyResponse:
    """A second silent vote, for everybody."""
    the_room(meeting_id, item_id)
    act_keeping(vote_again, meeting_id, item_id, ballot_sent())
    return redirect_to("moderate.meeting_item", meeting_id=meeting_id, item_id=item_id)


@pages.post("/meetings/<meeting_id>/items/<item_id>/step")
@open_to(Role.MODERATOR)
@never_lost
def meeting_step(meeting_id: str, item_id: str) -> AnyResponse:
    """The chair goes on, for everybody; what is typed about the item is a draft then."""
    the_room(meeting_id, item_id)
    wanted = request.form.get("to", "")
    if wanted == "here":
        act_keeping(take_up, meeting_id, item_id)
        return redirect_to("moderate.meeting_item", meeting_id=meeting_id, item_id=item_id)
    if wanted not in list(Step):
        raise Refused("Choose how the room goes on.")
    act_keeping(take_step, meeting_id, item_id, Step(wanted))
    return redirect_to("moderate.meeting_item", meeting_id=meeting_id, item_id=item_id)


@pages.get("/meetings/<meeting_id>/items/<item_id>/now")
@open_to(Role.MODERATOR)
def meeting_item_now(meeting_id: str, item_id: str) -> Response:
    """Asked every second or two by the chair's page. While a decision is written, nothing is loaded anew over it: who is here,
    and a word when the item has gone on elsewhere."""
    led_by_viewer(meeting_id)
    try:
        room = queries_room.room_now(db(), here(), meeting_id, item_id, viewer().account_id)
    except Refused:  # a conflict of interest has become known: the page says what to do
        return _anew()
    if request.args.get("part") == "here":
        return fragment("moderate/_present.html", room, gone_on=request.args.get("mark") != room.now.mark)
    return _small(room.now.mark, "moderate/_ballot.html", room.now)
