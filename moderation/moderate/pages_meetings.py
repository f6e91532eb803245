"""Meetings: the list, a new one, its plan and agenda, its start and its end."""

from collections.abc import Mapping

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from moderation.allocate.pages import here, status, submitted
from moderation.instants import london, today
from moderation.ledger import Transaction
from moderation.people.queries import people_with
from moderation.web.access import open_to, viewer
from moderation.web.filters import join_words, plural
from moderation.web.keeping import keeps_typed, named
from moderation.web.render import act, db, redirect_to, render, settled
from moderation.words import AGENCY_NAMES, Role

from . import queries_agenda, queries_meetings, queries_people
from .agendas import move_item, put_on_agenda, set_minutes, take_off
from .ballots import take_up
from .filling import fill_agenda, fill_meetings
from .forms import AttendanceForm, HandOverForm, InviteForm, ItemTimeForm, MeetingForm, terms_of
from .invitations import invite, invite_missing
from .meetings import MeetingTerms, begin, cancel_meeting, change_meeting, conclude, create_meeting, hand_over, planned_already
from .packing import MINUTES_EACH, USUAL
from .pages import moderates, only_moderators, pages, the_round
from .queries_agenda import MeetingPage
from .queries_carried import carried_over, confirmed_in, to_confirm
from .queries_cover import cover_of
from .queries_meetings import MeetingFacts
from .queries_out import out_of_items
from .questions import put_question
from .states import MeetingState

IN_ADDRESS = 100  # disagreements of 22 letters: an address may have 4,000
_terms_in = named(
    title="Title of the meeting", date="Date", time="Start", minutes="Length in minutes",
    minutes_per_item="Minutes for each item", place="Place",
)  # fmt: skip


def the_meeting(meeting_id: str) -> MeetingFacts:
    return queries_meetings.meeting_facts(db(), here(), meeting_id)


def led_by_viewer(meeting_id: str) -> MeetingFacts:
    """A meeting of a round whose ratings this person may see."""
    found = the_meeting(meeting_id)
    only_moderators(found.round.round_id)
    return found


@pages.get("/meetings")
@open_to(Role.MODERATOR, Role.LEAD)
def meetings() -> Response:
    return render("moderate/meetings.html", queries_meetings.meeting_lines(db(), here()))


@pages.route("/disagreements/<round_id>/new-meeting", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@keeps_typed(_terms_in)
def meeting_new(round_id: str) -> AnyResponse:
    only_moderators(round_id)
    if request.method == "GET":
        return show_new(round_id, request.args.get("disagreement", ""), request.args.get("question", ""))
    form = MeetingForm()
    done = submitted(form, lambda: _created(round_id, form))
    return done or render("moderate/meeting_form.html", None, form=form, round=the_round(round_id), status=status(form))


def ask(round_id: str, meeting_id: str, question: str) -> AnyResponse:
    """Put a question about the guidance on an agenda, or go on to plan a new meeting with it. `question`: its disagreements."""
    if not meeting_id:
        return go_to_new(round_id, question=question)
    added = act(put_question, meeting_id, question.split(","))
    said = f"The question is on the agenda, with {plural(added, 'plan')}." if added else "The question is on the agenda already."
    return settled("moderate.meeting", said, meeting_id=meeting_id)


def go_to_new(round_id: str, disagreement: str = "", question: str = "") -> AnyResponse:
    """To a page of its own with what was chosen in the address, so that one can go back to it; more than an address holds is
    shown at once."""
    if (disagreement + question).count(",") < IN_ADDRESS:
        return redirect_to("moderate.meeting_new", round_id=round_id, disagreement=disagreement or None, question=question or None)
    return show_new(round_id, disagreement, question)


def show_new(round_id: str, disagreement: str, question: str) -> AnyResponse:
    """The form of a new meeting, with what was ticked in the list for its agenda."""
    number = 1 + len(queries_meetings.meeting_lines(db(), here(), round_id))
    usual = {"title": f"Moderation meeting {number}", "minutes": USUAL, "minutes_per_item": MINUTES_EACH}
    form = MeetingForm(formdata=None, data=usual | {"disagreement": disagreement, "question": question})
    return render("moderate/meeting_form.html", None, form=form, round=the_round(round_id))


def _created(round_id: str, form: MeetingForm) -> AnyResponse:
    chosen = [each for each in form.disagreement.data.split(",") if each]
    meeting_id = act(_plan, round_id, form.terms(), chosen, [each for each in form.question.data.split(",") if each])
    return settled("moderate.meeting", "The meeting is planned.", meeting_id=meeting_id)


def _plan(tx: Transaction, round_id: str, terms: MeetingTerms, chosen: list[str], question: list[str]) -> str:
    """Sent twice, it is one meeting."""
    meeting_id = planned_already(tx, round_id, terms) or create_meeting(tx, round_id, terms)
    put_on_agenda(tx, meeting_id, chosen)
    put_question(tx, meeting_id, question)
    return meeting_id


@pages.get("/meetings/<meeting_id>")
@open_to(Role.MODERATOR, Role.LEAD)
def meeting(meeting_id: str) -> AnyResponse:
    """The plan of a meeting for moderators; people and counts for leads."""
    found = the_meeting(meeting_id)
    view = queries_agenda.meeting_page(db(), here(), found)
    if not moderates(found.round.round_id):
        return render("moderate/meeting_counts.html", view)
    return _agenda(view)


def _agenda(view: MeetingPage, form: ItemTimeForm | None = None, item_id: str = "") -> AnyResponse:
    """The agenda; with a form that was sent and cannot be used, that one is shown again beside its item."""
    meeting, area_id = view.meeting, here()
    is_open = meeting.is_planned or meeting.is_in_session
    left = carried_over(db(), area_id, meeting, viewer().account_id) if is_open else ()
    out = out_of_items(db(), area_id, meeting, view.items, view.attending) if is_open else {}
    cover = cover_of(db(), area_id, meeting, view.places, view.attending) if meeting.is_planned else None
    shown = {
        "cover": cover,
        "confirmed": confirmed_in(db(), area_id, meeting.meeting_id) if is_open else 0,
        "carried": left,
        "for_others": to_confirm(db(), area_id, meeting, viewer().account_id)[1] if is_open else 0,
        "moved": _moved(request.args),
        "out": out,
        "wrong": form,
        "wrong_item": item_id,
        "typed": request.form.get("minutes"),
    }
    return render("moderate/meeting.html", view, status=status(form) if form else 200, **shown)


@pages.post("/meetings/<meeting_id>/items/<item_id>/minutes")
@open_to(Role.MODERATOR)
def meeting_item_minutes(meeting_id: str, item_id: str) -> AnyResponse:
    """How long one item takes."""
    found, form = led_by_viewer(meeting_id), ItemTimeForm()
    done = submitted(form, lambda: _timed(meeting_id, item_id, form))
    return done or _agenda(queries_agenda.meeting_page(db(), here(), found), form, item_id)


def _timed(meeting_id: str, item_id: str, form: ItemTimeForm) -> AnyResponse:
    act(set_minutes, meeting_id, item_id, form.version.data, form.minutes.data)
    return settled("moderate.meeting", "The time of the item is set.", meeting_id=meeting_id)


def _moved(asked: Mapping[str, str]) -> tuple[int, str]:
    """Which item was just moved and how, so that the focus stays with it."""
    place = asked.get("moved", "")
    return (int(place) if place.isascii() and place.isdecimal() and len(place) < 5 else 0), asked.get("by", "")


@pages.route("/meetings/<meeting_id>/change", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
@keeps_typed(_terms_in)
def meeting_change(meeting_id: str) -> AnyResponse:
    found = led_by_viewer(meeting_id)
    form = MeetingForm(data=terms_of(found))
    done = submitted(form, lambda: _changed(meeting_id, form))
    return done or render("moderate/meeting_form.html", found, form=form, round=found.round, status=status(form))


def _changed(meeting_id: str, form: MeetingForm) -> AnyResponse:
    changed = act(change_meeting, meeting_id, form.version.data, form.terms())
    return settled("moderate.meeting", "The meeting is changed." if changed else "Nothing has changed.", meeting_id=meeting_id)


@pages.route("/meetings/<meeting_id>/cancel", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def meeting_cancel(meeting_id: str) -> AnyResponse:
    found = led_by_viewer(meeting_id)
    if request.method == "GET":
        return render("moderate/meeting_cancel.html", found)
    act(cancel_meeting, meeting_id)
    return settled("moderate.meeting", "The meeting is cancelled. Its items can go into another meeting.", meeting_id=meeting_id)


@pages.post("/meetings/<meeting_id>/items/<item_id>/move")
@open_to(Role.MODERATOR)
def meeting_move(meeting_id: str, item_id: str) -> AnyResponse:
    """Up or down by a button; the page comes back to the item and says where it is now."""
    led_by_viewer(meeting_id)
    step = -1 if request.form.get("step") == "up" else 1
    place = act(move_item, meeting_id, item_id, step)
    return redirect_to("moderate.meeting", meeting_id=meeting_id, moved=place, by="up" if step < 0 else "down")


@pages.post("/meetings/<meeting_id>/fill")
@open_to(Role.MODERATOR)
def meeting_fill(meeting_id: str) -> AnyResponse:
    """The disagreements worth most go into the time that is free, of this meeting or of all that are planned."""
    found = led_by_viewer(meeting_id)
    if request.form.get("all"):
        added, into = act(fill_meetings, found.round.round_id)
        said = f"{added} added, in {plural(into, 'meeting')}." if added else f"Nothing was added: {_why_nowhere(found)}."
        return settled("moderate.meeting", said, meeting_id=meeting_id)
    added = act(fill_agenda, meeting_id)
    said = f"{added} added: those with most at stake." if added else f"Nothing was added: {_why_nothing(found)}."
    return settled("moderate.meeting", said, meeting_id=meeting_id)


def _why_nowhere(found: MeetingFacts) -> str:
    if not queries_agenda.meeting_page(db(), here(), found).not_listed:
        return "nothing is waiting for a meeting"
    return "what is waiting needs more time than is free in any meeting, or has plans that a moderator or an agency is out of"


def _why_nothing(found: MeetingFacts) -> str:
    view = queries_agenda.meeting_page(db(), here(), found)
    cover = cover_of(db(), here(), found, view.places, view.attending)
    if not view.not_listed:
        return "nothing is waiting for a meeting"
    if view.bar.free < found.minutes_per_item:
        return "the time is used"
    if cover.waiting == view.not_listed:
        agencies = join_words([AGENCY_NAMES[kind].lower() for kind in cover.waiting_for], "or")
        return f"nobody from {agencies} {'who is invited ' if found.state is MeetingState.INVITED else ''}could take part"
    return "what is waiting takes more time than is free, or has plans that this moderator or an agency is out of"


@pages.post("/meetings/<meeting_id>/items/<item_id>/take-off")
@open_to(Role.MODERATOR)
def meeting_take_off(meeting_id: str, item_id: str) -> AnyResponse:
    led_by_viewer(meeting_id)
    act(take_off, meeting_id, item_id)
    return settled("moderate.meeting", "The item is off the agenda. It can go into another meeting.", meeting_id=meeting_id)


@pages.route("/meetings/<meeting_id>/attendance", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def meeting_attendance(meeting_id: str) -> AnyResponse:
    """Who is here: before the start it starts the meeting, afterwards it keeps the record right."""
    found = led_by_viewer(meeting_id)
    people = queries_people.attending(db(), here(), found)
    form = AttendanceForm().offer(people)
    done = submitted(form, lambda: _present(found, form))
    early = found.is_planned and london(found.starts_at).date() > today()
    return done or render("moderate/meeting_attendance.html", found, form=form, people=people, early=early, status=status(form))


def _present(found: MeetingFacts, form: AttendanceForm) -> AnyResponse:
    first = queries_agenda.meeting_page(db(), here(), found).next_item
    act(_begin, found.meeting_id, form.present.data or [], first.item_id if first and found.is_planned else None)
    if found.is_planned and first:
        return redirect_to("moderate.meeting_item", meeting_id=found.meeting_id, item_id=first.item_id)
    return settled("moderate.meeting", "Who is here is recorded.", meeting_id=found.meeting_id)


def _begin(tx: Transaction, meeting_id: str, present: list[str], first_item: str | None) -> None:
    begin(tx, meeting_id, present)
    if first_item:
        take_up(tx, meeting_id, first_item)


@pages.route("/meetings/<meeting_id>/hand-over", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def meeting_hand_over(meeting_id: str) -> AnyResponse:
    """Another moderator takes it over, for example because the first is ill."""
    found = led_by_viewer(meeting_id)
    others = [one for one in people_with(db(), here(), Role.MODERATOR) if one.account_id != found.moderator_id]
    form = HandOverForm().offer([(one.account_id, one.name) for one in others])
    done = submitted(form, lambda: _handed_over(meeting_id, form))
    return done or render("moderate/meeting_hand_over.html", found, form=form, others=others, status=status(form))


def _handed_over(meeting_id: str, form: HandOverForm) -> AnyResponse:
    act(hand_over, meeting_id, form.moderator.data)
    return settled("moderate.meeting", "The meeting has another moderator.", meeting_id=meeting_id)


@pages.route("/meetings/<meeting_id>/invite", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def meeting_invite(meeting_id: str) -> AnyResponse:
    """Who is invited: they get a letter with an entry for their calendar, or a cancellation."""
    found = led_by_viewer(meeting_id)
    view = queries_agenda.meeting_page(db(), here(), found)
    cover = cover_of(db(), here(), found, view.places, view.attending)
    asked = [*view.attending.invited, *(one.account_id for one in cover.to_invite)]
    form = InviteForm(data={"present": asked}).offer(view.attending)
    done = submitted(form, lambda: _invited(meeting_id, act(invite, meeting_id, form.present.data or [], form.even_so.data)))
    return done or render("moderate/meeting_invite.html", view, form=form, cover=cover, status=status(form))


@pages.post("/meetings/<meeting_id>/invite-missing")
@open_to(Role.MODERATOR)
def meeting_invite_missing(meeting_id: str) -> AnyResponse:
    """One press for whoever has to come as well, for one item or for all of them."""
    led_by_viewer(meeting_id)
    return _invited(meeting_id, act(invite_missing, meeting_id, request.form.get("item", "")))


def _invited(meeting_id: str, done: tuple[int, int]) -> AnyResponse:
    new, gone = done
    said = f"{new} invited{f', {gone} told that they need not come' if gone else ''}." if new or gone else "Nothing has changed."
    return settled("moderate.meeting", f"{said}{_left_out(meeting_id)}", meeting_id=meeting_id)


def _left_out(meeting_id: str) -> str:
    view = queries_agenda.meeting_page(db(), here(), the_meeting(meeting_id))
    bare = cover_of(db(), here(), view.meeting, view.places, view.attending).gaps
    return " An agency is still missing from an item: the agenda says where." if bare else ""


@pages.route("/meetings/<meeting_id>/conclude", methods=["GET", "POST"])
@open_to(Role.MODERATOR)
def meeting_conclude(meeting_id: str) -> AnyResponse:
    found = led_by_viewer(meeting_id)
    if request.method == "GET":
        waiting, _ = to_confirm(db(), here(), found, viewer().account_id)
        counts = {"waiting": waiting, "confirmed": confirmed_in(db(), here(), meeting_id)}
        return render("moderate/meeting_conclude.html", queries_agenda.meeting_page(db(), here(), found), **counts)
    act(conclude, meeting_id)
    return settled("moderate.minutes", "The meeting is concluded. These are its minutes.", meeting_id=meeting_id)
