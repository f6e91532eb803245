"""In the room: a question about the guidance on the moderator's screen, with all its plans; one decision about all of them."""

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import status, submitted
from moderation.ledger import Transaction
from moderation.web.access import open_to
from moderation.web.render import act, redirect_to, render, settled
from moderation.words import Role, StaleWrite

from .pages import pages
from .pages_room import go_on, out_of_item, take_up_next, the_room
from .pages_untaken import act_keeping, never_lost, refuse_outdated
from .queries_drafts import Draft
from .queries_room import RoomPage
from .question_decisions import QuestionDecision, decide_question, defer_plan, defer_question
from .question_forms import WHOLE, LeaveForm, QuestionForm, form_for, left_off
from .questions import take_alone
from .reopening import reopen_question


@pages.route("/meetings/<meeting_id>/questions/<item_id>", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@never_lost
def meeting_question(meeting_id: str, item_id: str) -> AnyResponse:
    """Addressed by any item that belongs to it; an item that stands by itself has its own page."""
    if aside := out_of_item(meeting_id, item_id):
        return aside
    room = asked_in(meeting_id, item_id)
    if room.question is None and request.method == "POST":
        raise StaleWrite({}, {})
    if room.question is None:
        return redirect_to("moderate.meeting_item", meeting_id=meeting_id, item_id=item_id)
    form = form_for(room, None if request.method == "POST" else left_off(room))
    done = submitted(form, lambda: _decided(room, form))
    return done or show_question(room, form)


def asked_in(meeting_id: str, item_id: str) -> RoomPage:
    """The item's page; for what was typed about a question that the item has left since, the question as it is now."""
    room, wanted = the_room(meeting_id, item_id), request.form.get("question")
    asked = next((place for place in room.places if place.question and place.question.question_id == wanted), None)
    return the_room(meeting_id, asked.item_id) if asked and asked.place != room.turn.place else room


def _decided(room: RoomPage, form: QuestionForm) -> AnyResponse:
    act(_decide_and_go_on, room, form.version.data, form.decision(room))
    return go_on(room, f"Item {room.turn.place} is decided.")


def _decide_and_go_on(tx: Transaction, room: RoomPage, version: int, decision: QuestionDecision) -> None:
    if decide_question(tx, room.item.item_id, version, decision):
        take_up_next(tx, room)


@pages.post("/meetings/<meeting_id>/questions/<item_id>/defer")
@open_to(Role.MODERATOR)
@never_lost
def meeting_question_defer(meeting_id: str, item_id: str) -> AnyResponse:
    """The whole question waits for another meeting, or one of its plans does and the room stays with the others."""
    room = the_room(meeting_id, item_id)
    if room.question is None:
        raise StaleWrite({}, {})
    form = LeaveForm().offer(room)
    done = submitted(form, lambda: _deferred(room, form))
    return done or show_question(room, form_for(room, left_off(room)), form)


def _deferred(room: RoomPage, form: LeaveForm) -> AnyResponse:
    if form.what.data == WHOLE or len(room.open_plans) == 1:
        act(_defer_and_go_on, room, form.version.data, form.deferred_reason.data)
        return go_on(room, f"Item {room.turn.place} is deferred.")
    act(defer_plan, form.what.data, form.version.data, form.deferred_reason.data)
    return settled("moderate.meeting_question", "The plan is deferred.", **_at(room))


def _defer_and_go_on(tx: Transaction, room: RoomPage, version: int, reason: str) -> None:
    defer_question(tx, room.item.item_id, version, reason)
    take_up_next(tx, room)


@pages.post("/meetings/<meeting_id>/questions/<item_id>/reopen")
@open_to(Role.MODERATOR)
def meeting_question_reopen(meeting_id: str, item_id: str) -> AnyResponse:
    """Back to the form, for all plans that were decided. The former ratings stay in the record."""
    room = the_room(meeting_id, item_id)
    act(reopen_question, meeting_id, item_id, request.form.get("version", 0, int))
    return settled("moderate.meeting_question", "The decision is reopened.", **_at(room))


@pages.post("/meetings/<meeting_id>/items/<item_id>/alone")
@open_to(Role.MODERATOR)
@never_lost
def meeting_alone(meeting_id: str, item_id: str) -> AnyResponse:
    """One plan leaves its question and is an item of its own, right after it."""
    room = the_room(meeting_id, item_id)
    others = [item.item_id for item in room.turn.items if item.item_id != item_id]
    act_keeping(take_alone, meeting_id, item_id)
    said = f"Plan {room.item.plan.reference} is an item of its own now, after the question."
    if request.form.get("back") == "agenda" or not others:
        return settled("moderate.meeting", said, meeting_id=meeting_id)
    return settled("moderate.meeting_question", said, meeting_id=meeting_id, item_id=others[0])


def _at(room: RoomPage) -> dict[str, str]:
    return {"meeting_id": room.meeting.meeting_id, "item_id": room.item.item_id}


def show_question(room: RoomPage, form: QuestionForm, leave: LeaveForm | None = None, draft: Draft | None = None) -> Response:
    blank = LeaveForm(formdata=None, data={"version": room.turn.version, "what": WHOLE}).offer(room)
    refuse_outdated(room, (leave or form).version.data)
    code = max(status(form), status(leave) if leave else 200, 409 if draft and draft.theirs else 200)
    shown = {"form": form, "leave": leave or blank, "draft": draft or Draft.of(room, left_off(room))}
    return render("moderate/question.html", room, status=code, **shown)
