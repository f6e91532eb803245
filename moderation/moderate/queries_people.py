"""Who may sit in a meeting, who is invited and who is here, by agency."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from moderation.allocate.population import possible_auditors
from moderation.allocate.tables import RoundAuditor
from moderation.people.queries import people_with
from moderation.people.tables import Account, Agency
from moderation.words import AgencyKind, Role

from . import rules
from .queries import agency_kinds_needed
from .queries_conflicts import may_not_sit
from .queries_meetings import MeetingFacts
from .tables import Attendance

_People = dict[tuple[str, AgencyKind, str], list[tuple[str, str]]]


@dataclass(frozen=True)
class Seat:
    """Somebody who may sit in the meeting."""

    account_id: str
    name: str
    is_here: bool
    was_here: bool
    is_invited: bool
    may_sit: bool = True  # not once the account is disabled, or the person has allocated the plans


@dataclass(frozen=True)
class AgencySeats:
    agency_id: str
    kind: AgencyKind
    name: str
    seats: tuple[Seat, ...]

    @property
    def here(self) -> int:
        return sum(seat.is_here for seat in self.seats)

    @property
    def invited(self) -> int:
        return sum(seat.is_invited for seat in self.seats)

    @property
    def came(self) -> int:
        return sum(seat.was_here for seat in self.seats)


@dataclass(frozen=True)
class Attending:
    """Who is here, agency by agency, and from which kind of agency nobody is."""

    agencies: tuple[AgencySeats, ...]
    missing: tuple[AgencyKind, ...]
    observers: tuple[Seat, ...] = ()
    needed: tuple[AgencyKind, ...] = ()

    def missing_without(self, out: Collection[str]) -> tuple[AgencyKind, ...]:
        """Kinds of agency from which nobody is left here when these people are out of an item."""
        left = {agency.kind: sum(seat.is_here and seat.account_id not in out for seat in agency.seats) for agency in self.agencies}
        return rules.quorum_missing(self.needed, left)

    @property
    def here(self) -> int:
        """Those who vote: observers are counted for themselves."""
        return sum(agency.here for agency in self.agencies)

    @property
    def observing(self) -> int:
        return sum(seat.is_here for seat in self.observers)

    @property
    def observed(self) -> int:
        """Observers who came."""
        return sum(seat.was_here for seat in self.observers)

    @property
    def invited(self) -> tuple[str, ...]:
        """Who is invited, observers too."""
        seats = [seat for agency in self.agencies for seat in agency.seats]
        return tuple(seat.account_id for seat in (*seats, *self.observers) if seat.is_invited)


def attending(session: Session, area_id: str, meeting: MeetingFacts) -> Attending:
    """Everybody who may sit in this meeting, the auditors of the round and of the area; and whoever was there."""
    chosen = select(Attendance).where(Attendance.area_id == area_id, Attendance.meeting_id == meeting.meeting_id)
    rows = {row.account_id: row for row in session.exec(chosen)}
    people = _people(session, area_id, meeting.round.round_id)
    watching = [one for one in people_with(session, area_id, Role.OBSERVER) if one.account_id not in _members(people)]
    out = may_not_sit(session, area_id, meeting.round.round_id, {*_members(people), *(one.account_id for one in watching)})
    agencies = [AgencySeats(agency_id, kind, name, _seats(found, rows, out)) for (agency_id, kind, name), found in people.items()]
    here = {agency.kind: agency.here for agency in agencies if agency.here}
    needed = agency_kinds_needed(session, area_id, meeting.round.round_id)
    missing = rules.quorum_missing(needed, here)
    observers = _seats([(one.account_id, one.name) for one in watching], rows, out)
    return Attending(tuple(agencies), missing, observers, tuple(needed))


def _members(people: _People) -> set[str]:
    return {account_id for found in people.values() for account_id, _ in found}


def _seats(found: Iterable[tuple[str, str]], rows: Mapping[str, Attendance], out: Collection[str]) -> tuple[Seat, ...]:
    seats = (_seat(account_id, name, rows.get(account_id), account_id not in out) for account_id, name in found)
    return tuple(seat for seat in seats if seat.may_sit or seat.was_here)


def _seat(account_id: str, name: str, row: Attendance | None, may_sit: bool) -> Seat:
    came = row is not None and row.arrived_at is not None
    is_here = may_sit and row is not None and came and row.left_at is None
    return Seat(account_id, name, is_here, came, may_sit and row is not None, may_sit)


def _people(session: Session, area_id: str, round_id: str) -> _People:
    """Agency -> (account, name), agencies in their usual order. In the round people sit for the agency they rated for."""
    chosen = (
        select(RoundAuditor.account_id, Account.name, Agency)
        .join(Account, col(Account.id) == RoundAuditor.account_id)
        .join(Agency, col(Agency.id) == RoundAuditor.agency_id)
        .where(RoundAuditor.area_id == area_id, RoundAuditor.round_id == round_id)
    )
    seats = {one.account_id: (one.name, (one.agency_id, one.kind, one.agency_name)) for one in possible_auditors(session, area_id)}
    seats |= {account: (name, (agency.id, agency.kind, agency.name)) for account, name, agency in session.exec(chosen)}
    grouped: _People = {}
    for account_id, (name, agency) in sorted(seats.items(), key=lambda seat: _order(*seat[1])):
        grouped.setdefault(agency, []).append((account_id, name))
    return grouped


def _order(name: str, agency: tuple[str, AgencyKind, str]) -> tuple[int, str, str]:
    return list(AgencyKind).index(agency[1]), agency[2], name
