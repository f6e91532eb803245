"""A proposed change in words: plan by plan, who would have it instead of whom, and what would stay empty."""

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session

from moderation.words import AgencyKind

from .queries import AuditorLine, auditor_lines, given, people_of, plan_lines
from .repairing import STANDING, Proposal


@dataclass(frozen=True)
class Move:
    reference: str
    agency: str
    kind: AgencyKind
    before: str | None  # None: nobody has it
    after: str | None  # None: nobody would have it


@dataclass(frozen=True)
class AuditorNow:
    """An auditor of the round with the number of plans that are theirs now."""

    line: AuditorLine
    plans: int

    @property
    def has_none(self) -> bool:
        return self.plans == 0 and self.line.absent_from is None


@dataclass(frozen=True)
class MovesView:
    moves: tuple[Move, ...]
    shown: str
    still_empty: int
    auditors: tuple[AuditorNow, ...]


def moves_view(session: Session, area_id: str, round_id: str, proposal: Proposal) -> MovesView:
    """The repair that would fill the empty places, and everybody's load."""
    count: dict[str, int] = defaultdict(int)
    for line in given(session, area_id, round_id):
        count[line.account_id] += line.ended_as in STANDING
    people = [line for line in auditor_lines(session, area_id, round_id) if line.capacity is not None]
    return MovesView(
        tuple(named_moves(session, area_id, round_id, proposal)), proposal.fingerprint,
        sum(short.short for short in proposal.shortfalls), tuple(AuditorNow(line, count[line.account_id]) for line in people),
    )  # fmt: skip


def named_moves(session: Session, area_id: str, round_id: str, proposal: Proposal) -> list[Move]:
    """A proposal line by line: a plan that changes hands is one line. Seeds are not shown."""
    people = people_of(session, area_id, round_id)
    references = {line.round_plan_id: line.reference for line in plan_lines(session, area_id, round_id)}
    losing = defaultdict(list)
    removed, added = ([one for one in places if one.plan in references] for places in (proposal.removed, proposal.added))
    for place in removed:
        losing[place.plan, place.agency].append(people[place.auditor].name)
    lines = []
    for place in added:
        person, before = people[place.auditor], losing[place.plan, place.agency]
        lines.append(Move(references[place.plan], person.agency, person.kind, before.pop(0) if before else None, person.name))
    for place in removed:
        person = people[place.auditor]
        if person.name in losing[place.plan, place.agency]:
            lines.append(Move(references[place.plan], person.agency, person.kind, person.name, None))
    return sorted(lines, key=lambda move: (move.reference, move.agency))
