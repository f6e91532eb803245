"""Which agencies an agenda needs because of its plans, and who could speak for them.

Who is proposed never depends on who rated what, and among equals a draw decides that nobody can repeat: the order of names would
say of whoever is passed over that they have a conflict of interest with the plan, and so which letter they cannot be.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from moderation.allocate.tables import Round, RoundAuditor
from moderation.people.queries import disabled_among
from moderation.words import AgencyKind

from .covering import Candidate, Gap, gaps, inviting_everybody
from .queries_agenda import AgendaPlace
from .queries_conflicts import out_of_plans
from .queries_meetings import MeetingFacts
from .queries_people import Attending, attending
from .rules import keyed
from .states import DisagreementState, MeetingState
from .tables import Disagreement


def candidates(session: Session, area_id: str, meeting: MeetingFacts, people: Attending | None = None) -> tuple[Candidate, ...]:
    """Those who could come, the auditors of the round first. The moderator chairs, so they are not asked to speak for an agency;
    whose account is disabled cannot open the meeting."""
    people = people or attending(session, area_id, meeting)
    seats = [(seat, agency.kind) for agency in people.agencies for seat in agency.seats]
    out = out_of_plans(session, area_id, meeting.round.round_id, [seat.account_id for seat, _ in seats])
    gone = disabled_among(session, out)
    found = [
        Candidate(seat.account_id, seat.name, kind, seat.is_invited, out[seat.account_id])
        for seat, kind in seats
        if (seat.is_invited or seat.account_id != meeting.moderator_id) and seat.account_id not in gone
    ]
    chosen = select(RoundAuditor.account_id).where(RoundAuditor.area_id == area_id)
    of_round = set(session.exec(chosen.where(RoundAuditor.round_id == meeting.round.round_id)))
    secret = session.exec(select(Round.secret).where(Round.area_id == area_id, Round.id == meeting.round.round_id)).one()
    draw = {one.account_id: keyed(secret, "speaks", meeting.meeting_id, one.account_id) for one in found}
    return tuple(sorted(found, key=lambda one: (one.account_id not in of_round, draw[one.account_id])))


def offered(meeting: MeetingFacts, people: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Who counts when an agenda is filled: those who are invited, or everybody who could be while nobody is."""
    return tuple(people) if meeting.state is MeetingState.INVITED else inviting_everybody(people)


@dataclass(frozen=True)
class PlaceGap:
    """Where nobody who is invited can speak for an agency: the places of the agenda, who could be invited, and for which of the
    places nobody could."""

    kind: AgencyKind
    places: tuple[int, ...]
    people: tuple[Candidate, ...]
    beyond: tuple[int, ...]


@dataclass(frozen=True)
class Cover:
    """Which agencies an agenda needs, and where one is missing: together, and place by place."""

    needed: tuple[AgencyKind, ...]
    gaps: tuple[PlaceGap, ...]
    by_place: Mapping[int, tuple[PlaceGap, ...]]
    waiting: int  # disagreements without a meeting that nobody invited could settle with a quorum
    waiting_for: tuple[AgencyKind, ...]

    @property
    def to_invite(self) -> tuple[Candidate, ...]:
        return tuple(one for gap in self.gaps for one in gap.people)


def cover_of(session: Session, area_id: str, meeting: MeetingFacts, places: Sequence[AgendaPlace], people: Attending) -> Cover:
    could = candidates(session, area_id, meeting, people)
    plans = {place.place: {item.plan.round_plan_id for item in place.standing} for place in places}
    by_place = {place: _placed(gaps(people.needed, could, mine), {place: mine}) for place, mine in plans.items()}
    every = gaps(people.needed, could, set().union(*plans.values()))
    left = _waiting(session, area_id, meeting)
    open_gaps = gaps(people.needed, offered(meeting, could), set(left))
    bare = set().union(*(gap.plans for gap in open_gaps))
    kinds = tuple(kind for kind in AgencyKind if kind in people.needed)
    return Cover(kinds, _placed(every, plans), by_place, sum(plan in bare for plan in left), tuple(gap.kind for gap in open_gaps))


def _placed(found: Sequence[Gap], plans: Mapping[int, Collection[str]]) -> tuple[PlaceGap, ...]:
    def where(some: Collection[str]) -> tuple[int, ...]:
        return tuple(place for place, mine in plans.items() if set(mine) & set(some))

    return tuple(PlaceGap(gap.kind, where(gap.plans), gap.people, where(gap.beyond)) for gap in found)


def _waiting(session: Session, area_id: str, meeting: MeetingFacts) -> list[str]:
    """The plan of each disagreement that is in no meeting."""
    waiting = (Disagreement.round_id == meeting.round.round_id, Disagreement.state == DisagreementState.FOUND)
    return list(session.exec(select(Disagreement.round_plan_id).where(Disagreement.area_id == area_id, *waiting)))
