"""In the room: one item on the moderator's screen, its decision or its deferral."""

from collections.abc import Mapping

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here, status, submitted
from moderation.ledger import Transaction
from moderation.web.access import open_to, viewer
from moderation.web.filters import plural
from moderation.web.render import act, db, redirect_to, render, settled
from moderation.words import NotFound, Role, StaleWrite

from . import queries_room
from .ballots import take_up
from .decisions import Decision, decide_item, defer_item, stand_aside
from .forms import DecisionForm, DeferForm
from .pages import pages
from .pages_beside import beside
from .pages_meetings import led_by_viewer
from .pages_untaken import never_lost, refuse_outdated
from .queries import MISSING
from .queries_aside import aside_page
from .queries_drafts import Draft
from .queries_room import RoomPage
from .reopening import reopen_item


def the_room(meeting_id: str, item_id: str) -> RoomPage:
    led_by_viewer(meeting_id)
    return queries_room.room_page(db(), here(), meeting_id, item_id, viewer().account_id)


@pages.route("/meetings/<meeting_id>/items/<item_id>", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@never_lost
def meeting_item(meeting_id: str, item_id: str) -> AnyResponse:
    if aside := out_of_item(meeting_id, item_id):
        return aside
    room = the_room(meeting_id, item_id)
    if room.question and request.method == "POST":
        raise StaleWrite({}, {})
    if room.question:
        return redirect_to("moderate.meeting_question", meeting_id=meeting_id, item_id=item_id)
    form = DecisionForm().offer(room.cell, room.meeting.decision_rule) if request.method == "POST" else written(room)
    done = submitted(form, lambda: _decided(room, form))
    return done or show_item(room, form, blank_deferral(room))


def out_of_item(meeting_id: str, item_id: str) -> Response | None:
    """What a chair with a conflict of interest is shown instead of the item."""
    aside = aside_page(db(), here(), led_by_viewer(meeting_id), item_id, viewer().account_id)
    return render("moderate/out_of_item.html", aside) if aside and request.method == "GET" else None


def written(room: RoomPage) -> DecisionForm:
    """The form as somebody left it, on this device or on another; a new one has nothing chosen."""
    return filled(room, room.item.draft.get("values", {}))


def filled(room: RoomPage, values: Mapping[str, str]) -> DecisionForm:
    typed = {"dissent": "none", "action": "none", **values, "version": str(room.item.version)}
    return DecisionForm(formdata=MultiDict(typed)).offer(room.cell, room.meeting.decision_rule)


def blank_deferral(room: RoomPage) -> DeferForm:
    return DeferForm(formdata=None, data={"version": room.item.version})


def _decided(room: RoomPage, form: DecisionForm) -> AnyResponse:
    act(_decide_and_go_on, room, form.version.data, form.decision(room.cell))
    return go_on(room, f"Item {room.turn.place} is decided.")


def _decide_and_go_on(tx: Transaction, room: RoomPage, version: int, decision: Decision) -> None:
    if decide_item(tx, room.item.item_id, version, decision):
        take_up_next(tx, room)


def _defer_and_go_on(tx: Transaction, room: RoomPage, version: int, reason: str) -> None:
    defer_item(tx, room.item.item_id, version, reason)
    take_up_next(tx, room)


def take_up_next(tx: Transaction, room: RoomPage) -> None:
    """Everybody in the room goes on together."""
    if room.following:
        take_up(tx, room.meeting.meeting_id, room.following.item_id)


@pages.post("/meetings/<meeting_id>/items/<item_id>/defer")
@open_to(Role.MODERATOR)
@never_lost
def meeting_defer(meeting_id: str, item_id: str) -> AnyResponse:
    room = the_room(meeting_id, item_id)
    form = DeferForm()
    done = submitted(form, lambda: _deferred(room, form))
    return done or show_item(room, written(room), form)


def _deferred(room: RoomPage, form: DeferForm) -> AnyResponse:
    act(_defer_and_go_on, room, form.version.data, form.deferred_reason.data)
    return go_on(room, f"Item {room.turn.place} is deferred.")


@pages.post("/meetings/<meeting_id>/items/<item_id>/stand-aside")
@open_to(Role.MODERATOR)
def meeting_stand_aside(meeting_id: str, item_id: str) -> AnyResponse:
    """A chair with a conflict of interest leaves the item for another meeting."""
    aside = aside_page(db(), here(), led_by_viewer(meeting_id), item_id, viewer().account_id)
    if aside is None:
        raise NotFound(MISSING)
    act(stand_aside, meeting_id, aside.item.item_id)
    what = f"A plan of item {aside.item.place}" if aside.item.question else f"Item {aside.item.place}"
    return settled("moderate.meeting", f"{what} is left for another meeting.", meeting_id=meeting_id)


@pages.post("/meetings/<meeting_id>/items/<item_id>/reopen")
@open_to(Role.MODERATOR)
def meeting_reopen(meeting_id: str, item_id: str) -> AnyResponse:
    """Back to the form, while the meeting is in session. The former decision stays in the record."""
    the_room(meeting_id, item_id)
    act(reopen_item, meeting_id, item_id, request.form.get("version", 0, int))
    return settled("moderate.meeting_item", "The decision is reopened.", meeting_id=meeting_id, item_id=item_id)


def go_on(room: RoomPage, message: str) -> AnyResponse:
    """To the next item that is not settled, or back to the agenda."""
    following = room.following
    if following is None:
        left = f"{plural(room.for_others, 'item is', 'items are')} left for another moderator."
        rest = left if room.for_others else "Every item is settled."
        return settled("moderate.meeting", f"{message} {rest}", meeting_id=room.meeting.meeting_id)
    return redirect_to("moderate.meeting_item", meeting_id=room.meeting.meeting_id, item_id=following.item_id)


def show_item(room: RoomPage, form: DecisionForm, defer: DeferForm, draft: Draft | None = None) -> Response:
    refuse_outdated(room, (defer if defer.problems else form).version.data)
    code = max(status(form), status(defer), 409 if draft and draft.theirs else 200)
    address = url_for("moderate.meeting_plan", meeting_id=room.meeting.meeting_id, item_id=room.item.item_id)
    kept = draft or Draft.of(room, room.draft.get("values", {}))
    shown = {"form": form, "defer": defer, "draft": kept, "plan": beside(room.cell), "plan_address": address}
    return render("moderate/room.html", room, status=code, **shown)
