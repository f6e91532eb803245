"""Keeping a decision while it is typed: a second after the last key, or by a button."""

from collections.abc import Mapping

from flask import request
from werkzeug.wrappers import Response

from moderation import instants
from moderation.web.access import open_to
from moderation.web.fields import DateParts, Form
from moderation.web.render import act, fragment, htmx, settled
from moderation.words import Role, StaleWrite

from .drafts import save_draft
from .forms import DecisionForm
from .pages import pages
from .pages_questions import asked_in, show_question
from .pages_room import blank_deferral, show_item, the_room
from .pages_untaken import CHANGED, draft_version, never_lost, show_typed, window
from .queries_drafts import NAMES, Draft
from .question_forms import form_for
from .typed import fingerprint


@pages.post("/meetings/<meeting_id>/items/<item_id>/draft")
@open_to(Role.MODERATOR)
@never_lost
def meeting_draft(meeting_id: str, item_id: str) -> Response:
    item_id = asked_in(meeting_id, item_id).item.item_id
    try:
        kept = act(save_draft, meeting_id, item_id, window(), draft_version(), request.form.to_dict())
    except StaleWrite as clash:
        return _both(meeting_id, item_id, clash)
    if kept.dropped:
        return show_typed(meeting_id, item_id, CHANGED, kept.dropped, version=kept.version)
    if not htmx:
        return settled("moderate.meeting_item", "The draft is saved.", meeting_id=meeting_id, item_id=item_id)
    return fragment("moderate/_draft.html", Draft(kept.version, window(), instants.now(), seen=fingerprint(request.form)))


def _both(meeting_id: str, item_id: str, clash: StaleWrite) -> Response:
    """Another window wrote first: both texts are shown, and what is typed here stays in its form."""
    room = the_room(meeting_id, item_id)
    form = form_for(room) if room.question else DecisionForm().offer(room.cell, room.meeting.decision_rule)
    names = _names(form) if room.question else NAMES
    draft = Draft(room.draft["version"], window(), None, _words(form, clash.mine), _words(form, clash.theirs), names)
    if htmx:
        return fragment("moderate/_draft.html", draft, 409)
    if isinstance(form, DecisionForm):
        return show_item(room, form, blank_deferral(room), draft)
    return show_question(room, form, draft=draft)


def _names(form: Form) -> dict[str, str]:
    names = {field.name: field.called for field in form if hasattr(field, "called")}
    dates = [field for field in form if isinstance(field, DateParts)]
    return names | {f"{date.name}-{part}": f"{date.called}, {part}" for date in dates for part in date.parts}


def _words(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """What was chosen, as the form calls it."""
    names = {field.name: {value: words for value, words, *_ in field.choices} for field in form if hasattr(field, "choices")}
    return {name: names.get(name, {}).get(value, value) for name, value in values.items()}
