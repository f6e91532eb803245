"""Who is out of an item because of a conflict of interest with its plan: said on the agenda before it is a surprise in the room.

Only how many, never who: next to the letters of a plan a name would say who cannot be one of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from moderation.words import AgencyKind

from .queries_agenda import AgendaItem
from .queries_conflicts import barred_plans, out_of_plans
from .queries_meetings import MeetingFacts
from .queries_people import Attending, attending


@dataclass(frozen=True)
class Out:
    """For one item: how many of those who are invited or here are out of it, and the agencies that leaves nobody of."""

    people: int
    agencies: tuple[AgencyKind, ...]
    moderator: bool  # the moderator may not moderate the plan


def out_of_items(
    session: Session, area_id: str, meeting: MeetingFacts, items: Sequence[AgendaItem], people: Attending
) -> Mapping[str, Out]:
    """By item that is not settled, where there is something to say. The plans of a question are looked at one by one."""
    barred = barred_plans(session, area_id, meeting.round.round_id, meeting.moderator_id)
    coming = _coming(people, meeting.is_in_session)
    plans = out_of_plans(session, area_id, meeting.round.round_id, [account for one in coming.values() for account in one])
    found = {
        item.item_id: _out(item.plan.round_plan_id, coming, plans, people.needed, barred) for item in items if not item.is_settled
    }
    return {key: out for key, out in found.items() if out.people or out.moderator}


def _coming(people: Attending, now: bool) -> dict[AgencyKind, list[str]]:
    """Those who are here; before the meeting those who are invited."""
    coming: dict[AgencyKind, list[str]] = {}
    for agency in people.agencies:
        seats = [seat.account_id for seat in agency.seats if (seat.is_here if now else seat.is_invited)]
        coming.setdefault(agency.kind, []).extend(seats)
    return coming


def _out(
    plan: str,
    coming: Mapping[AgencyKind, Collection[str]],
    plans: Mapping[str, frozenset[str]],
    needed: Collection[AgencyKind],
    barred: Collection[str],
) -> Out:
    out = {kind: [account for account in accounts if plan in plans[account]] for kind, accounts in coming.items()}
    emptied = tuple(kind for kind in coming if kind in needed and out[kind] and len(out[kind]) == len(coming[kind]))
    return Out(sum(map(len, out.values())), emptied, plan in barred)


def attending_item(session: Session, area_id: str, meeting: MeetingFacts, round_plans: Collection[str]) -> Attending:
    """Who is here; missing are the agencies from which nobody may take part in an item about one of these plans."""
    people = attending(session, area_id, meeting)
    here = [seat.account_id for agency in people.agencies for seat in agency.seats if seat.is_here]
    plans = out_of_plans(session, area_id, meeting.round.round_id, here)
    out = [{account for account, barred in plans.items() if plan in barred} for plan in round_plans]
    missing = {kind for some in out for kind in people.missing_without(some)}
    return replace(people, missing=tuple(kind for kind in AgencyKind if kind in missing))
