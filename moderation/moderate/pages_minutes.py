"""The minutes of a meeting: read, noted, approved by the chair, published, corrected by an addendum, as a page and as a PDF."""

from collections.abc import Callable

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here, status, submitted
from moderation.web.access import open_to, viewer
from moderation.web.keeping import keeps_typed, named
from moderation.web.printing import pdf_download
from moderation.web.render import act, db, render, settled
from moderation.words import Role

from .forms import AddendumForm, NotesForm, SignForm
from .minutes import add_addendum, approve_minutes, note_minutes, publish_minutes, send_to_chair, take_back
from .pages import moderates, pages
from .pages_meetings import led_by_viewer, the_meeting
from .queries_conflicts import drew_allocation
from .queries_minutes import MinutesPage, for_reader, minutes_page, numbered


def the_minutes(meeting_id: str) -> MinutesPage:
    """Letters, and agencies for those who cannot tell from them who it was; plans by name for those who may know what is
    hidden. Before that no item is left out: it would tell leads that the plan they have a conflict with is in the round."""
    person, round_id = viewer(), the_meeting(meeting_id).round.round_id
    knows = person.has(Role.LEAD) or drew_allocation(db(), here(), round_id, person.account_id)
    page = minutes_page(db(), here(), meeting_id, knows)
    if moderates(round_id) or page.meeting.round.is_published:
        return for_reader(db(), here(), page, person.account_id)
    return numbered(db(), here(), page)


@pages.get("/meetings/<meeting_id>/minutes")
@open_to(Role.MODERATOR, Role.LEAD)
def minutes(meeting_id: str) -> Response:
    view = the_minutes(meeting_id)
    chairs = view.meeting.moderator_id == viewer().account_id
    return render("moderate/minutes.html", view, chairs=chairs, sign=SignForm(formdata=None, data={"version": view.version}))


@pages.get("/meetings/<meeting_id>/minutes.pdf")
@open_to(Role.MODERATOR, Role.LEAD)
def minutes_pdf(meeting_id: str) -> Response:
    view = the_minutes(meeting_id)
    return pdf_download(f"minutes-{view.meeting.number}.pdf", "moderate/print_minutes.html", view)


@pages.route("/meetings/<meeting_id>/minutes/notes", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@keeps_typed(named(notes="Notes"))
def minutes_notes(meeting_id: str) -> AnyResponse:
    """What else has to stand in them; while they are a draft, or wait for the chair."""
    led_by_viewer(meeting_id)
    view = the_minutes(meeting_id)
    form = NotesForm(data={"notes": view.notes, "version": view.version})
    done = submitted(form, lambda: _noted(meeting_id, form))
    return done or render("moderate/minutes_notes.html", view, form=form, status=status(form))


def _noted(meeting_id: str, form: NotesForm) -> AnyResponse:
    act(note_minutes, meeting_id, form.version.data, form.notes.data)
    return settled("moderate.minutes", "The notes are saved.", meeting_id=meeting_id)


@pages.post("/meetings/<meeting_id>/minutes/to-chair")
@open_to(Role.MODERATOR)
def minutes_to_chair(meeting_id: str) -> AnyResponse:
    return _signed(meeting_id, send_to_chair, "The chair is asked to approve the minutes.")


@pages.post("/meetings/<meeting_id>/minutes/back")
@open_to(Role.MODERATOR)
def minutes_back(meeting_id: str) -> AnyResponse:
    return _signed(meeting_id, take_back, "The minutes are a draft again.")


@pages.post("/meetings/<meeting_id>/minutes/approve")
@open_to(Role.MODERATOR)
def minutes_approve(meeting_id: str) -> AnyResponse:
    return _signed(meeting_id, approve_minutes, "The minutes are approved. From now on they can be corrected by an addendum only.")


def _signed(meeting_id: str, verb: Callable[..., None], said: str) -> AnyResponse:
    led_by_viewer(meeting_id)
    act(verb, meeting_id, SignForm().version.data)
    return settled("moderate.minutes", said, meeting_id=meeting_id)


@pages.post("/meetings/<meeting_id>/minutes/publish")
@open_to(Role.LEAD)
def minutes_publish(meeting_id: str) -> AnyResponse:
    act(publish_minutes, meeting_id)
    return settled("moderate.minutes", "The minutes are published. Those who were there can read them.", meeting_id=meeting_id)


@pages.route("/meetings/<meeting_id>/minutes/addendum", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@keeps_typed(named(text="The addendum", reason="Reason"))
def minutes_addendum(meeting_id: str) -> AnyResponse:
    led_by_viewer(meeting_id)
    view = the_minutes(meeting_id)
    form = AddendumForm()
    done = submitted(form, lambda: _added(meeting_id, form))
    return done or render("moderate/minutes_addendum.html", view, form=form, status=status(form))


def _added(meeting_id: str, form: AddendumForm) -> AnyResponse:
    number = act(add_addendum, meeting_id, form.text.data, form.reason.data)
    return settled("moderate.minutes", f"Addendum {number} is added.", meeting_id=meeting_id)
