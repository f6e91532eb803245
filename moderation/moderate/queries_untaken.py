"""What could not be recorded: all that somebody typed, field by field, beside what the meeting has on record by now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session

from moderation.register.criteria import Criterion
from moderation.words import NotFound, Refused

from .queries_agenda import AgendaItem, AgendaPlace, agenda_items, places_of
from .queries_conflicts import barred_plans
from .queries_meetings import MeetingFacts
from .queries_room import room_page
from .record import AgreedView
from .typed import Typed, in_words, typed_in

Agenda = Mapping[str, AgendaItem]  # by disagreement


@dataclass(frozen=True)
class Part:
    """What was typed about a plan that has its own fields, or about the item as a whole: field and text."""

    about: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Untaken:
    """What was sent and not recorded: the part that is kept nowhere, and the part that is kept as a draft. Without a meeting
    where this person may not see it."""

    meeting: MeetingFacts | None
    place: AgendaPlace | None
    lost: tuple[Part, ...]
    kept: tuple[Part, ...]
    on_record: tuple[tuple[str, str], ...]


def untaken(
    session: Session, area_id: str, meeting: MeetingFacts | None, item_id: str, account_id: str,
    sent: Mapping[str, str], dropped: Collection[str],
) -> Untaken:  # fmt: skip
    """`dropped`: the names of the fields that are kept nowhere."""
    items = agenda_items(session, area_id, meeting) if meeting else []
    barred = barred_plans(session, area_id, meeting.round.round_id, account_id) if meeting else {}
    agenda = {item.disagreement_id: item for item in items if item.plan.round_plan_id not in barred}
    place = _place(places_of(items), item_id, sent.get("question"))
    typed, criterion = typed_in(sent), place.criterion if place else None
    lost = [one for one in typed if dropped and {*one.sent_as} & {*dropped}]
    kept = [one for one in typed if one not in lost]
    record = _on_record(session, area_id, meeting, place, account_id) if meeting and place else ()
    return Untaken(meeting, place, _parts(lost, agenda, criterion), _parts(kept, agenda, criterion), record)


def _place(places: Sequence[AgendaPlace], item_id: str, question_id: str | None) -> AgendaPlace | None:
    """The question that the form was about, where the meeting still has it; else the place of the item."""
    asked = (one for one in places if one.question and one.question.question_id == question_id)
    return next(asked, next((one for one in places if any(item.item_id == item_id for item in one.items)), None))


def _parts(typed: Sequence[Typed], agenda: Agenda, criterion: Criterion | None) -> tuple[Part, ...]:
    order = sorted(typed, key=lambda one: "" if one.plan is None else _about(one.plan, agenda))
    found = groupby(order, key=lambda one: one.plan)
    return tuple(Part(_about(plan, agenda), tuple((one.label, in_words(one, criterion)) for one in own)) for plan, own in found)


def _about(plan: str | None, agenda: Agenda) -> str:
    if plan is None:
        return "The whole item"
    return f"Plan {agenda[plan].plan.reference}" if plan in agenda else "A plan that you cannot open now"


def _on_record(
    session: Session, area_id: str, meeting: MeetingFacts, place: AgendaPlace, account_id: str
) -> tuple[tuple[str, str], ...]:
    """Each plan of the place, and what became of it; nothing for somebody who may not see the item."""
    try:
        room = room_page(session, area_id, meeting.meeting_id, place.item_id, account_id)
    except (NotFound, Refused):
        return ()
    return tuple((f"Plan {item.plan.reference}", _became(item, room.cells[item.disagreement_id].agreed)) for item, _ in room.plans)


def _became(item: AgendaItem, agreed: AgreedView | None) -> str:
    if agreed:
        return f"{agreed.rating}. {agreed.basis.words}. {agreed.reason}"
    return f"{item.state.words.capitalize()}. {item.deferred_reason or ''}".strip() if item.is_settled else "Not decided yet."
