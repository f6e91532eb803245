"""What somebody typed in the room and that cannot be recorded: shown whole, whatever has become of the item meanwhile, and kept as
a draft where the meeting still goes on."""

from collections.abc import Callable, Collection
from functools import wraps

from flask import request
from werkzeug.wrappers import Response

from moderation.allocate.pages import here
from moderation.ledger import Transaction
from moderation.web.access import viewer
from moderation.web.keeping import keeps_typed
from moderation.web.render import act, db, fragment, htmx, render
from moderation.words import NotFound, Refused, ServiceError, StaleWrite

from .drafts import keep_first, save_draft
from .pages_meetings import led_by_viewer
from .queries_drafts import Draft
from .queries_meetings import MeetingFacts
from .queries_room import RoomPage
from .queries_untaken import untaken
from .steps import refuse_open_vote
from .typed import in_lines, said

Page = Callable[[str, str], Response]
CHANGED = "This item was changed after you opened it: by somebody else, or in another window of yours."
GONE = "This item cannot be found any more, or you may not see it now."


def never_lost(page: Page) -> Page:
    """For a page to which a text is sent: when it cannot be taken, for whatever reason, the answer shows it."""

    @keeps_typed(in_lines)
    @wraps(page)
    def answered(meeting_id: str, item_id: str) -> Response:
        try:
            return page(meeting_id, item_id)
        except (NotFound, Refused, StaleWrite) as why:
            if request.method != "POST" or not said(request.form):
                raise
            return _not_taken(meeting_id, item_id, why)

    return answered


def act_keeping(verb: Callable[..., object], meeting_id: str, item_id: str, *more: object) -> None:
    """For a button beside the form of a decision: what is typed in the form is kept in the same go, or nothing is done."""
    act(_keep_and, verb, meeting_id, item_id, *more)


def _keep_and(tx: Transaction, verb: Callable[..., object], meeting_id: str, item_id: str, *more: object) -> None:
    keep_first(tx, meeting_id, item_id, window(), draft_version(), request.form.to_dict())
    verb(tx, meeting_id, item_id, *more)


def refuse_outdated(room: RoomPage, version: int) -> None:
    """A form that has to be shown again is shown only where it still has all the fields that were sent."""
    if request.method != "POST":
        return
    if not room.meeting.is_in_session:
        raise Refused(f"This meeting is {room.meeting.state.words.lower()}, so nothing can be recorded in it any more.")
    if room.turn.is_settled or version != room.turn.version:
        raise StaleWrite({}, {})
    refuse_open_vote(room.now.step)


def _not_taken(meeting_id: str, item_id: str, why: ServiceError) -> Response:
    words = CHANGED if isinstance(why, StaleWrite) else GONE if isinstance(why, NotFound) else str(why)
    dropped = said(request.form).keys() if htmx else _kept_nowhere(meeting_id, item_id, why)
    return show_typed(meeting_id, item_id, words, dropped, 404 if isinstance(why, NotFound) else 409)


def _kept_nowhere(meeting_id: str, item_id: str, why: ServiceError) -> Collection[str]:
    """The names of the fields that could not be kept as a draft either. Who may not see the item writes in no draft."""
    everything = said(request.form).keys()
    if "deferred_reason" in everything or isinstance(why, NotFound) or _meeting(meeting_id) is None:
        return everything
    try:
        return act(save_draft, meeting_id, item_id, window(), draft_version(), request.form.to_dict()).dropped
    except (NotFound, Refused, StaleWrite):
        return everything


def show_typed(
    meeting_id: str, item_id: str, why: str, dropped: Collection[str], code: int = 409, version: int | None = None
) -> Response:
    """As a page; for a form that saves by itself, beside it, where the text still is."""
    meeting = _meeting(meeting_id)
    view = untaken(db(), here(), meeting, item_id, viewer().account_id, request.form, dropped)
    if not htmx:
        return render("moderate/untaken.html", view, status=code, why=why)
    seen = draft_version() if version is None else version
    return fragment("moderate/_draft.html", Draft(seen, window(), why=why, untaken=view), 409)


def _meeting(meeting_id: str) -> MeetingFacts | None:
    try:
        return led_by_viewer(meeting_id)
    except NotFound:
        return None


def window() -> str:
    """The name of the browser window that the form stands in."""
    return request.form.get("window", "")[:40]


def draft_version() -> int:
    """The version of the draft that this window has seen."""
    text = request.form.get("draft_version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
